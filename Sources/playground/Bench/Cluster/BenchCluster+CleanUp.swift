import KubernetesAPI
import KubernetesClient
import TrustResources

extension BenchCluster {
    /// How long the pods of a run may take to go.
    private static let patience = Duration.seconds(600)

    /// Deletes what was made on a real cluster, and waits until no pod of it is left, since the next line would see it.
    ///
    /// Says what is left if that does not work. Pods and verifications are deleted before their namespaces, so that they go
    /// even where no controller empties a namespace.
    func cleanUp() async {
        do {
            let policies = client.resource(ClusterTrustPolicy.self)
            try await unlessAbsent { try await policies.delete(policyName) }
            let namespaces = client.resource(Namespace.self)
            let selection = ObjectSelection(labelSelector: "\(label.key)=\(label.value)")
            let names = try await namespaces.list(selection).items.map(\.metadata.name)
            BenchCommand.tell("==> removing \(names.count) namespaces")
            try await inParallel(names.count, 4) { try await empty(names[$0]) }
            for name in names { try await unlessAbsent { try await namespaces.delete(name) } }
            try await waitForPods(of: names)
        } catch {
            BenchCommand.tell(
                "warning: not everything was removed; look for namespaces with \(label.key)=\(label.value): \(error)"
            )
        }
    }

    private func empty(_ namespace: String) async throws {
        for path in [Pod.resource.path(namespace: namespace), ImageVerification.resource.path(namespace: namespace)] {
            var request = APIRequest(.delete, path, query: [.init("gracePeriodSeconds", "0")])
            // The server deletes one after the other before it answers.
            request.timeout = Self.patience
            let removal = request
            try await unlessAbsent { _ = try await client.send(removal) }
        }
    }

    private func waitForPods(of namespaces: [String]) async throws {
        let deadline = ContinuousClock.now + Self.patience
        let pods = client.resource(Pod.self)
        for name in namespaces {
            while try await !pods.page(of: ObjectSelection(namespace: name), limit: 1).items.isEmpty {
                guard ContinuousClock.now < deadline else {
                    throw DemoError(.timedOut, "There are still pods in \(name).")
                }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func unlessAbsent(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as APIError where error.httpStatus == 404 {
            // It has gone, or was never made.
        }
    }
}
