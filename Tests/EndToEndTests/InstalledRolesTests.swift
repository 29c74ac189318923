import Foundation
import OperatorTestKit
import Testing

/// What people may do whom a cluster's own roles let view, edit or administer a namespace, once Vigil is installed.
@Suite(
    .enabled(if: try RealTools.areInstalled, RealTools.reason),
    .enabled(if: try KubectlTool.isInstalled, KubectlTool.reason),
    .disabled(if: IntegrationCluster.isReal, InstalledCluster.reason),
    .timeLimit(.minutes(5))
)
struct InstalledRolesTests {
    /// Whom the installation knows by a role of the cluster.
    private enum Person: String, CaseIterable {
        case view, edit, admin

        /// What this person may write in the namespace.
        var writes: Set<String> {
            switch self {
            case .view: []
            case .edit: ["imageverifications.vigil.dev"]
            case .admin: ["imageverifications.vigil.dev", "trustpolicies.vigil.dev"]
            }
        }
    }

    private static let kinds = ["trustpolicies.vigil.dev", "imageverifications.vigil.dev"]
    private static let namespace = InstalledCluster.workloads

    private static func install(_ cluster: InstalledCluster) async throws {
        for namespace in [namespace, "other"] { try await cluster.kubectl("create", "namespace", namespace) }
        try await cluster.install()
        for person in Person.allCases {
            try await cluster.kubectl(
                "create",
                "rolebinding",
                person.rawValue,
                "--clusterrole=\(person.rawValue)",
                "--user=\(person.rawValue)",
                "--namespace=\(namespace)"
            )
        }
    }

    @Test("each may do what the roles say, in that namespace, and nothing else")
    func mayDo() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            try await Self.install(cluster)
            for person in Person.allCases {
                for kind in Self.kinds {
                    for verb in ["get", "list", "watch"] {
                        #expect(try await cluster.may(person.rawValue, verb, kind), "\(person) \(verb) \(kind)")
                    }
                    for verb in ["create", "update", "patch", "delete"] {
                        let isAllowed = try await cluster.may(person.rawValue, verb, kind)
                        #expect(isAllowed == person.writes.contains(kind), "\(person) \(verb) \(kind)")
                    }
                    // Whoever can write a status can forge a verdict.
                    for verb in ["update", "patch"] {
                        let isAllowed = try await cluster.may(person.rawValue, verb, kind, subresource: "status")
                        #expect(!isAllowed, "\(person) \(verb) status of \(kind)")
                    }
                    let isAllowed = try await cluster.may(person.rawValue, "get", kind, in: "other")
                    #expect(!isAllowed, "\(person) \(kind) of another namespace")
                }
            }
        }
    }

    @Test("an administrator of the whole cluster by the role admin reads cluster policies and does not write them")
    func clusterPolicies() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            try await Self.install(cluster)
            try await cluster.kubectl("create", "clusterrolebinding", "all", "--clusterrole=admin", "--user=everywhere")
            let kind = "clustertrustpolicies.vigil.dev"
            #expect(try await cluster.may("everywhere", "list", kind))
            #expect(try await cluster.may("everywhere", "create", "trustpolicies.vigil.dev", in: "other"))
            for verb in ["create", "update", "patch", "delete"] {
                #expect(try await !cluster.may("everywhere", verb, kind), "\(verb)")
            }
        }
    }

    @Test("the samples are applied by whom they are for, and by nobody less")
    func samples() async throws {
        try await InstalledCluster.with(.default, allowsWatchList: true) { cluster in
            try await Self.install(cluster)
            let samples = "\(cluster.workspace.path)/config/samples"
            let (gate, policy) = ("\(samples)/imageverification_gate.yaml", "\(samples)/trustpolicy_decisions.yaml")
            let attempts: [(Person, String, isAllowed: Bool)] = [
                (.view, gate, false), (.view, policy, false), (.edit, policy, false), (.edit, gate, true),
                (.admin, policy, true),
            ]
            for (person, file, isAllowed) in attempts {
                let outcome = try await cluster.attempt("apply", "-f", file, "--as", person.rawValue)
                #expect((outcome.status == 0) == isAllowed, "\(person) \(file): \(outcome.errors)")
                if !isAllowed { #expect(outcome.errors.contains("cannot create resource"), "\(outcome.errors)") }
            }
            let kinds = "trustpolicies,imageverifications"
            let seen = try await cluster.attempt("get", kinds, "--namespace", Self.namespace, "--as=view")
            #expect(seen.status == 0 && seen.output.contains("trustpolicy.vigil.dev/recalled"))
        }
    }
}

extension InstalledCluster {
    /// Runs `kubectl` as the administrator, whatever comes of it.
    fileprivate func attempt(_ arguments: String...) async throws -> Workspace.Outcome {
        let path = try #require(KubectlTool.path)
        return try await workspace.run(path, ["--kubeconfig", administrator.kubeconfig] + arguments)
    }

    /// Whether the server lets somebody do something.
    fileprivate func may(
        _ user: String,
        _ verb: String,
        _ resource: String,
        subresource: String? = nil,
        in namespace: String = InstalledCluster.workloads
    ) async throws -> Bool {
        var arguments = ["auth", "can-i", verb, resource, "--namespace", namespace, "--as", user]
        if let subresource { arguments += ["--subresource", subresource] }
        let path = try #require(KubectlTool.path)
        let outcome = try await workspace.run(path, ["--kubeconfig", administrator.kubeconfig] + arguments)
        let answer = outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(["yes", "no"].contains(answer), "\(answer) \(outcome.errors)")
        return answer == "yes"
    }
}
