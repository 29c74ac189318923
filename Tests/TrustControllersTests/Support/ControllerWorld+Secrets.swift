import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIRegistry
import OperatorTestKit
import Testing
import TrustResources

extension ControllerWorld {
    /// What no status, Event or log may show: every password of these tests begins with it.
    static let secretPrefix = "s3cr3t-"

    /// The credential of a user.
    static func credential(_ user: String) -> RegistryCredential {
        .basic(username: user, password: secretPrefix + user)
    }

    /// Makes a pull secret for the registry, or changes the one of its name.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - user: whose credential it holds; their password is right.
    ///   - isLegacy: whether it is written as `kubernetes.io/dockercfg`.
    ///   - other: its namespace, where that is not the world's.
    /// - Throws: `APIError` when the cluster does not take it.
    func putSecret(_ name: String, user: String, isLegacy: Bool = false, in other: String? = nil) async throws {
        let auth = Data("\(user):\(Self.secretPrefix)\(user)".utf8).base64EncodedString()
        let entries = "{\"\(InMemoryRegistry.host)\":{\"auth\":\"\(auth)\"}}"
        try await putSecret(
            name,
            type: isLegacy ? "kubernetes.io/dockercfg" : "kubernetes.io/dockerconfigjson",
            key: isLegacy ? ".dockercfg" : ".dockerconfigjson",
            content: isLegacy ? entries : "{\"auths\":\(entries)}",
            in: other
        )
    }

    /// Makes a secret of any content, or changes the one of its name.
    func putSecret(_ name: String, type: String, key: String, content: String, in other: String? = nil) async throws {
        let namespace = other ?? self.namespace
        let secrets = client.resource(Secret.self)
        let secret = Secret(
            metadata: ObjectMeta(name: name, namespace: namespace),
            type: type,
            data: [key: Data(content.utf8)]
        )
        do {
            _ = try await secrets.create(secret)
        } catch let error as APIError where error.code == .alreadyExists {
            var changed = try await secrets.get(name, namespace: namespace)
            changed.data = secret.data
            _ = try await secrets.replace(changed)
        }
    }

    /// The policy of the world, with which images are looked at every second.
    func applyQuickPolicy(in other: String? = nil) async throws {
        var policy = self.policy()
        policy.metadata.namespace = other ?? namespace
        policy.spec.interval = "1s"
        _ = try await client.resource(TrustPolicy.self).create(policy)
    }

    /// Nothing that people see of a namespace shows a password.
    func expectNoSecrets(in other: String? = nil) async throws {
        let namespace = other ?? self.namespace
        for path in [
            "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/imageverifications",
            "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/trustpolicies",
            "/apis/events.k8s.io/v1/namespaces/\(namespace)/events",
        ] {
            let text = String(decoding: try await client.send(APIRequest(.get, path)).body, as: UTF8.self)
            #expect(text.contains("items"))
            #expect(!text.contains(Self.secretPrefix), "\(path)")
            #expect(!text.contains(Data(Self.secretPrefix.utf8).base64EncodedString().prefix(8)), "\(path)")
        }
    }
}
