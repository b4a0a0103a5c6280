# npm run build:worker && npm run workerd -- serve http/deploy/workerd.capnp
#
# The Worker on this machine, with its settings in the environment: COS_PROXY_POLICY holds the policy itself, in JSON.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    # Loopback as well, which a Worker cannot reach unless told
    (name = "network", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "../../dist/worker.js")],
  compatibilityDate = "2025-06-01",
  compatibilityFlags = ["enable_request_signal"],
  globalOutbound = "network",
  bindings = [
    (name = "COS_PROXY_POLICY", fromEnvironment = "COS_PROXY_POLICY"),
    (name = "COS_PROXY_SECRET", fromEnvironment = "COS_PROXY_SECRET"),
    (name = "COS_SECRET_ID", fromEnvironment = "COS_SECRET_ID"),
    (name = "COS_SECRET_KEY", fromEnvironment = "COS_SECRET_KEY"),
    (name = "COS_NEXT_SECRET_ID", fromEnvironment = "COS_NEXT_SECRET_ID"),
    (name = "COS_NEXT_SECRET_KEY", fromEnvironment = "COS_NEXT_SECRET_KEY"),
    (name = "COS_PROXY_LIMITER", durableObjectNamespace = "RateLimiterObject"),
  ],
  durableObjectNamespaces = [(className = "RateLimiterObject", uniqueKey = "limiter")],
  durableObjectStorage = (inMemory = void),
);
