import ArgumentParser

/// One line of the benchmarks, which can be run alone.
enum BenchLine: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// `vigil verify` beside `notation verify`.
    case verify
    /// Envelopes in memory on one core, beside `openssl speed`.
    case signatures
    /// Many images of a registry, near and far: requests, speed, memory.
    case registry
    /// The copy of the pods of a large cluster.
    case informer
    /// From a pod's event to the verdict.
    case latency
    /// The operator starts over a large cluster.
    case coldStart = "cold-start"
    /// What the operator does while nothing happens; runs after a cold start.
    case quiet
    /// Everything is verified again although nothing has changed: requests to the registry.
    case secondPass = "second-pass"
    /// Another replica takes over.
    case failover

    /// Whether it needs a cluster.
    var needsCluster: Bool { ![.verify, .signatures, .registry].contains(self) }
}

/// How large the clusters of a run are, and how long it watches them.
struct BenchSizes: Sendable {
    /// Pods of the large cluster.
    var pods = 10_000
    /// Pods of the largest cluster; 0 leaves it out.
    var largePods = 50_000
    /// Signed images that the large cluster runs.
    var images = 1000
    /// How often each measurement of the informer is repeated.
    var rounds = 3
    /// Pod events a second.
    var rate = 200
    /// How long pods are started at that rate.
    var burst = Duration.seconds(10)
    /// How long the quiet operator is watched: the registry is asked about each image once in so long.
    var quiet = Duration.seconds(300)
    /// How long a write takes the stand-in where the budget speaks of a real API server.
    ///
    /// 2,000 writes by 16 clients took a kube-apiserver with etcd 2.5 s on 2 cores.
    var writePace = Duration.microseconds(1250)
    /// Images judged at the same time by the operator, and requests made at the same time by the plain client.
    var workers = 32
    /// Decides everything that is random about pods.
    var seed: UInt64 = 1
}
