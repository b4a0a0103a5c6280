/** Text that nobody can guess. */

/** Random bytes in base64url (RFC 4648, section 5), without padding. */
export const base64Url = (bytes: number): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
