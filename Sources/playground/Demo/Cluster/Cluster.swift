import Foundation
import JSONModel

/// The cluster of the demo: the stand-in, or the one that `KUBECONFIG` names.
struct Cluster: Sendable {
    let tools: Toolbox
    let transcript: Transcript
    /// Whether it is the stand-in, which ends with the demo.
    let isStandIn: Bool
    /// What makes the names on a real cluster unique.
    let suffix: String

    static let definitions = [
        "crd/trustpolicies.vigil.dev", "crd/clustertrustpolicies.vigil.dev", "crd/imageverifications.vigil.dev",
    ]

    /// The namespace of a team.
    func namespace(_ team: DemoImage.Team) -> String {
        isStandIn ? team.rawValue : "vigil-demo-\(team.rawValue)-\(suffix)"
    }

    /// The namespace of the operators' lease.
    var leaseNamespace: String { isStandIn ? "vigil-system" : "vigil-demo-system-\(suffix)" }

    /// Every namespace that the demo creates.
    var namespaces: [String] { DemoImage.Team.allCases.map(namespace) + [leaseNamespace] }

    /// Runs kubectl and shows the command and what it wrote.
    @discardableResult
    func show(_ arguments: [String]) async throws -> Toolbox.Outcome {
        transcript.command(Toolbox.commandLine(.kubectl, arguments))
        let outcome = try await tools.outcome(.kubectl, arguments)
        transcript.output(outcome.output + outcome.errorOutput)
        return outcome
    }

    /// Runs kubectl, shows the command and what it wrote, and insists on success.
    func insist(_ arguments: [String]) async throws {
        guard try await show(arguments).isSuccess else {
            throw DemoError(
                .toolFailed,
                "The cluster refused `\(Toolbox.commandLine(.kubectl, arguments))`; what it said stands above."
            )
        }
    }

    /// What the cluster says about images now.
    func verifications() async throws -> VerificationTable {
        try VerificationTable(
            list: try await tools.run(.kubectl, ["get", "imageverifications", "--all-namespaces", "-o", "json"])
        )
    }

    /// Waits until the API answers.
    func waitUntilReachable() async throws {
        let outcome = try await tools.outcome(.kubectl, ["get", "--raw", "/readyz"], limit: .seconds(15))
        guard outcome.isSuccess else {
            throw DemoError(
                .clusterUnsuitable,
                "The cluster does not answer. Check KUBECONFIG, or unset it to use the stand-in. kubectl said:",
                logTail: outcome.errorOutput.split(separator: "\n").map(String.init)
            )
        }
    }

    /// Whether Vigil's definitions are on the cluster already.
    ///
    /// - Throws: ``DemoError`` when policies are there too: the demo would judge images that are not its own.
    func isAlreadyEquipped() async throws -> Bool {
        guard try await tools.outcome(.kubectl, ["get"] + Self.definitions).isSuccess else { return false }
        let policies = try await tools.run(
            .kubectl,
            ["get", "trustpolicies,clustertrustpolicies", "--all-namespaces", "-o", "name"]
        )
        guard policies.isEmpty else {
            throw DemoError(
                .clusterUnsuitable,
                "This cluster has trust policies of its own, which the demo's operator would judge by. Use a cluster"
                    + " without any, or unset KUBECONFIG to use the stand-in.",
                logTail: policies.split(separator: "\n").map(String.init)
            )
        }
        return true
    }

    /// Creates the namespaces, and waits for what a real cluster puts into each.
    func createNamespaces() async throws {
        for namespace in namespaces { try await insist(["create", "namespace", namespace]) }
        // Where the namespaces that a cluster starts with have no service accounts, nobody makes any.
        let model = try await tools.outcome(.kubectl, ["get", "serviceaccount/default", "--namespace", "kube-system"])
        guard model.isSuccess else { return }
        for namespace in namespaces {
            try await tools.run(
                .kubectl,
                ["wait", "--for=create", "serviceaccount/default", "--namespace", namespace, "--timeout=30s"]
            )
        }
    }

    /// Removes everything that the demo created on a real cluster; says so if something could not be removed.
    func cleanUp(removingDefinitions: Bool) async {
        guard !isStandIn else { return }
        var objects = [["delete", "namespace", "--ignore-not-found", "--timeout=60s"] + namespaces]
        if removingDefinitions {
            objects.append(["delete", "--ignore-not-found", "--timeout=60s"] + Self.definitions)
        }
        for arguments in objects {
            do {
                try await tools.run(.kubectl, arguments, limit: .seconds(90))
            } catch {
                transcript.failure(
                    "Not everything could be removed from the cluster. Run this yourself:"
                        + " \(Toolbox.commandLine(.kubectl, arguments))\n\(error)"
                )
            }
        }
    }
}
