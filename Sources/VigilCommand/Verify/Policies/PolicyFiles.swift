import FoundationEssentials
import ImageTrust
import JSONModel
import KubernetesAPI
import NotaryVerification
import TrustModel
import TrustResources

/// Reads policies from documents, strictly: what an API server would refuse or silently drop is an error here.
struct PolicyFiles: Sendable {
    /// What was read.
    struct Contents: Sendable {
        var policies: PolicySet
        /// What people should know although the policies can be applied.
        var warnings: [String]
        /// What was not looked at; of interest to those who ask for it.
        var notes: [String]
    }

    /// Reads `documents`; ConfigMaps and Secrets among them give the certificates that policies refer to.
    ///
    /// - Parameters:
    ///   - documents: the documents of all files together.
    ///   - now: the present, which decides about warnings only.
    /// - Returns: the policies, and what is to be said about the rest.
    /// - Throws: ``InputError`` with file, document, field and what to write instead.
    static func read(_ documents: [SourceDocument], now: Date) throws(InputError) -> Contents {
        var reader = PolicyFiles(now: now)
        for document in documents { try reader.sort(document) }
        return try reader.contents()
    }

    private let now: Date
    private var policies: [SourceDocument] = []
    private var certificates = CertificateManifests()
    private var notes: [String] = []
    private var warnings: [String] = []

    private init(now: Date) { self.now = now }

    private mutating func sort(_ document: SourceDocument) throws(InputError) {
        let apiVersion = document.value["apiVersion"]?.string ?? ""
        let kind = document.value["kind"]?.string ?? ""
        if kind == "List", let items = document.value["items"]?.array {
            for item in items {
                try sort(
                    SourceDocument(
                        file: document.file,
                        number: document.number,
                        isFileNamed: document.isFileNamed,
                        value: item
                    )
                )
            }
            return
        }
        let isOurs = apiVersion == "vigil.dev" || apiVersion.hasPrefix("vigil.dev/")
        switch kind {
        case "TrustPolicy", "ClusterTrustPolicy":
            policies.append(document)
        case "ConfigMap" where apiVersion == "v1":
            try certificates.addConfigMap(document)
        case "Secret" where apiVersion == "v1":
            try certificates.addSecret(document)
        case "":
            guard !document.isFileNamed else {
                throw document.error(
                    "kind",
                    "is missing; a policy begins with apiVersion: vigil.dev/v1alpha1 and its kind"
                )
            }
            notes.append("\(document.place): left out, it is no Kubernetes object")
        default:
            guard !isOurs || kind == "ImageVerification" else {
                throw document.error(
                    "kind",
                    "\"\(kind.prefix(64))\" is no kind of vigil.dev; write TrustPolicy or ClusterTrustPolicy"
                )
            }
            notes.append("\(document.place): left out, a \(kind.prefix(64)) is no policy")
        }
    }

    private mutating func contents() throws(InputError) -> Contents {
        guard !policies.isEmpty else {
            throw InputError("--policy: there is no TrustPolicy and no ClusterTrustPolicy in what it names")
        }
        var entries: [PolicySet.Entry] = []
        var places: [PolicyName: String] = [:]
        for document in policies {
            let entry = try self.entry(document)
            let name = entry.compiled.policy.name
            if let other = places.updateValue(document.place, forKey: name) {
                throw InputError("\(document.place): \(name) is already defined in \(other); keep one of the two")
            }
            warnings += entry.compiled.warnings.map { "\(name): \($0)" }
            entries.append(entry)
        }
        return Contents(policies: PolicySet(entries), warnings: warnings, notes: notes)
    }

    private func entry(_ document: SourceDocument) throws(InputError) -> PolicySet.Entry {
        let isCluster = document.value["kind"] == .string("ClusterTrustPolicy")
        let schema =
            isCluster
            ? CustomResourceDefinitions.clusterTrustPolicy.schema : CustomResourceDefinitions.trustPolicy.schema
        if let problem = Self.sentence(schema.validate(document.value).map { ($0.path, $0.message) }) {
            throw document.error(problem.field, problem.message)
        }
        let value = schema.applyDefaults(to: document.value)
        let certificates = certificates
        let compiler = PolicyCompiler { certificates.certificates($0) }
        let compiled: CompiledPolicy
        var namespace: String?
        do throws(PolicyProblems) {
            if isCluster {
                compiled = try compiler.compile(try Self.decode(ClusterTrustPolicy.self, value), now: now)
            } else {
                let policy = try Self.decode(TrustPolicy.self, value)
                namespace = policy.metadata.namespace
                compiled = try compiler.compile(policy, now: now)
            }
        } catch {
            let problem = Self.sentence(error.problems.map { ($0.field, $0.message) }) ?? ("spec", "cannot be applied")
            throw document.error(problem.field, problem.message)
        }
        do throws(NotaryPolicyError) {
            return PolicySet.Entry(
                compiled: compiled,
                namespace: namespace,
                prepared: try PreparedPolicy(compiled.policy)
            )
        } catch {
            throw document.error(error.field, error.message)
        }
    }

    /// The first problem, and how many more there are.
    private static func sentence(_ problems: [(field: String, message: String)]) -> (field: String, message: String)? {
        guard let first = problems.first else { return nil }
        let rest = problems.count - 1
        let more =
            rest == 0
            ? ""
            : " (and \(rest) more \(rest == 1 ? "problem" : "problems"): "
                + problems.dropFirst().prefix(8).map { "\($0.field) \($0.message)" }.joined(separator: "; ") + ")"
        return (first.field.isEmpty ? "object" : first.field, first.message + more)
    }

    private static func decode<Object: Decodable>(_ type: Object.Type, _ value: JSONValue) throws(PolicyProblems)
        -> Object
    {
        do {
            return try JSONDecoder().decode(type, from: Data(JSONSerializer().bytes(value)))
        } catch {
            // The schema was satisfied, so only a member it does not describe can be at fault.
            throw PolicyProblems([PolicyProblem(.invalid, field: "object", message: "cannot be read: \(error)")])
        }
    }
}
