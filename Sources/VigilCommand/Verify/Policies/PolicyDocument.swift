import FoundationEssentials
import JSONModel
import KubernetesAPI
import TrustResources

/// What a document is to someone who looks for policies.
enum PolicyDocument: Sendable {
    case policy(isCluster: Bool)
    case configMap
    case secret
    /// The documents in it.
    case list([SourceDocument])
    /// It has no kind, or one that is no text.
    case nameless
    /// It claims to be of Vigil's, with a kind that does not exist.
    case unknownKind(String)
    /// Another object, of this kind.
    case other(String)

    init(_ document: SourceDocument) {
        let apiVersion = document.value["apiVersion"]?.string ?? ""
        let kind = document.value["kind"]?.string ?? ""
        switch kind {
        case "List":
            guard let items = document.value["items"]?.array else {
                self = .other(kind)
                return
            }
            self = .list(
                items.enumerated().map { index, item in
                    SourceDocument(
                        file: document.file,
                        number: document.number,
                        isFileNamed: document.isFileNamed,
                        value: item,
                        prefix: "\(document.prefix)items[\(index)]."
                    )
                }
            )
        case "TrustPolicy": self = .policy(isCluster: false)
        case "ClusterTrustPolicy": self = .policy(isCluster: true)
        case "ConfigMap" where apiVersion == "v1": self = .configMap
        case "Secret" where apiVersion == "v1": self = .secret
        case "": self = .nameless
        default:
            let isOurs = apiVersion == "vigil.dev" || apiVersion.hasPrefix("vigil.dev/")
            self = isOurs && kind != "ImageVerification" ? .unknownKind(kind) : .other(kind)
        }
    }

    /// What is wrong with the kind of a document that is ``nameless``.
    static func kindProblem(_ document: SourceDocument) -> String {
        let begins = "a policy begins with apiVersion: vigil.dev/v1alpha1 and its kind"
        guard let kind = document.value["kind"], !kind.isNull, kind.string == nil else {
            return "is missing; \(begins)"
        }
        return "must be text, and is of type \(kind.typeName); \(begins)"
    }

    /// What the API server would hold a policy against.
    static func schema(isCluster: Bool) -> CustomResourceSchema {
        isCluster ? CustomResourceDefinitions.clusterTrustPolicy.schema : CustomResourceDefinitions.trustPolicy.schema
    }

    /// A policy that was read from a document: one of the two.
    enum Object: Sendable {
        case namespaced(TrustPolicy)
        case cluster(ClusterTrustPolicy)

        /// Reads `value`, with the defaults that an API server would fill in.
        ///
        /// - Throws: ``PolicyProblems`` when a member has the wrong type.
        init(_ value: JSONValue, isCluster: Bool) throws(PolicyProblems) {
            let whole = PolicyDocument.schema(isCluster: isCluster).applyDefaults(to: value)
            if isCluster {
                self = .cluster(try Self.decode(ClusterTrustPolicy.self, whole))
            } else {
                self = .namespaced(try Self.decode(TrustPolicy.self, whole))
            }
        }

        /// What both kinds have in common.
        var specification: TrustPolicySpec {
            switch self {
            case .namespaced(let policy): policy.spec
            case .cluster(let policy): policy.spec.policy
            }
        }

        /// The namespace, where the document names one.
        var namespace: String? {
            switch self {
            case .namespaced(let policy): policy.metadata.namespace
            case .cluster: nil
            }
        }

        /// Where it takes certificates from.
        var certificateReferences: [CertificateReference] {
            switch self {
            case .namespaced(let policy): policy.certificateReferences
            case .cluster(let policy): policy.certificateReferences
            }
        }

        /// Reads it to the end.
        ///
        /// - Throws: ``PolicyProblems`` with everything that is wrong.
        func compiled(_ compiler: PolicyCompiler, now: Date) throws(PolicyProblems) -> CompiledPolicy {
            switch self {
            case .namespaced(let policy): try compiler.compile(policy, now: now)
            case .cluster(let policy): try compiler.compile(policy, now: now)
            }
        }

        private static func decode<Policy: Decodable>(
            _ type: Policy.Type,
            _ value: JSONValue
        ) throws(PolicyProblems) -> Policy {
            do {
                return try JSONDecoder().decode(type, from: Data(JSONSerializer().bytes(value)))
            } catch {
                // Where the schema is satisfied, only a member it does not describe can be at fault.
                throw PolicyProblems([PolicyProblem(.invalid, field: "object", message: "cannot be read: \(error)")])
            }
        }
    }
}
