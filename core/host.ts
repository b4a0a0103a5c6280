/** What a Host says: the bucket and the region of a request. */

/** A Host in lower case, without its port and without the dot that a whole name may end in. */
export const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/u, "").replace(/\.$/u, "")

/** `<bucket>.cos.<region>.myqcloud.com`, also `cos-internal` and `tencentcos.cn` (page 6224; Go SDK `cos.go:46-60`). */
const cosHost = /^(?:([^.]+)\.)?(?:cos|cos-internal)\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)$/u

/** The region of a host of COS's own. */
export const regionInHost = (name: string): string | undefined => cosHost.exec(name)?.[2]

/** Under another domain, such as `localhost`, a first label is a bucket where `isBucket` says so. */
export const bucketInHost = (
  name: string,
  isBucket: (label: string) => boolean,
): { readonly bucket: string; readonly region?: string } | undefined => {
  const match = cosHost.exec(name)
  if (match?.[1] !== undefined) return { bucket: match[1], region: match[2]! }
  const label = name.slice(0, Math.max(0, name.indexOf(".")))
  return match === null && isBucket(label) ? { bucket: label } : undefined
}

/**
 * Whether a label ends like a bucket, so that it is one that is not there. APPIDs have ten digits in every example; eight
 * keep a build number from being one. Others number their hosts too, such as Cloud Run.
 */
export const endsInAppid = (label: string): boolean => /^[a-z0-9][a-z0-9-]*-\d{8,}$/u.test(label)

/** The whole of 127/8 and ::1 (RFC 1122, RFC 4291), and the name that stands for them. */
export const isLoopback = (host: string): boolean => /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|localhost)$/iu.test(host)

/** The host of an http:// URL, which is not encrypted; undefined of any other text. */
export const plainHost = (url: string): string | undefined =>
  /^http:\/\/(\[[^\]/]*\]|[^/:@?#]*)(?::\d+)?(?:[/?#]|$)/iu.exec(url)?.[1]
