import FoundationEssentials
import ImageTrust
import JSONModel
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
    ///   - vaults: what vaults hold.
    ///   - now: the present, which decides about warnings only.
    ///   - mayBeNone: whether there may be no policy at all, as in a cluster.
    /// - Returns: the policies, and what is to be said about the rest.
    /// - Throws: ``InputError`` with file, document, field and what to write instead.
    static func read(
        _ documents: [SourceDocument],
        vaults: PolicyVaults = PolicyVaults(),
        now: Date,
        mayBeNone: Bool = false
    ) throws(InputError) -> Contents {
        var reader = PolicyFiles(vaults: vaults, now: now, mayBeNone: mayBeNone)
        for document in documents { try reader.sort(document) }
        return try reader.contents()
    }

    private let now: Date
    private let mayBeNone: Bool
    private var policies: [SourceDocument] = []
    private var certificates: CertificateManifests
    private var notes: [String] = []
    private var warnings: [String] = []

    private init(vaults: PolicyVaults, now: Date, mayBeNone: Bool) {
        certificates = CertificateManifests(vaults: vaults)
        self.now = now
        self.mayBeNone = mayBeNone
    }

    private mutating func sort(_ document: SourceDocument) throws(InputError) {
        switch PolicyDocument(document) {
        case .list(let items):
            for item in items { try sort(item) }
        case .policy: policies.append(document)
        case .configMap: try certificates.addConfigMap(document)
        case .secret: try certificates.addSecret(document)
        case .nameless:
            guard !document.isFileNamed else {
                throw document.error("kind", PolicyDocument.kindProblem(document))
            }
            notes.append("\(document.place): left out, it is no Kubernetes object")
        case .unknownKind(let kind):
            throw document.error(
                "kind",
                "\"\(kind.prefix(64))\" is no kind of vigil.dev; write TrustPolicy or ClusterTrustPolicy"
            )
        case .other(let kind): notes.append("\(document.place): left out, a \(kind.prefix(64)) is no policy")
        }
    }

    private mutating func contents() throws(InputError) -> Contents {
        guard mayBeNone || !policies.isEmpty else {
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
        let schema = PolicyDocument.schema(isCluster: isCluster)
        if let problem = Self.sentence(schema.validate(document.value).map { ($0.path, $0.message) }) {
            throw document.error(problem.field, problem.message)
        }
        let certificates = certificates
        let object: PolicyDocument.Object
        let compiled: CompiledPolicy
        do throws(PolicyProblems) {
            object = try PolicyDocument.Object(document.value, isCluster: isCluster)
            compiled = try object.compiled(PolicyCompiler { certificates.certificates($0) }, now: now)
        } catch {
            let problem = Self.sentence(error.problems.map { ($0.field, $0.message) }) ?? ("spec", "cannot be applied")
            throw document.error(problem.field, problem.message)
        }
        do throws(NotaryPolicyError) {
            return PolicySet.Entry(
                compiled: compiled,
                namespace: object.namespace,
                prepared: try PreparedPolicy(compiled.policy),
                object: document.value,
                certificates: certificates.found(object.certificateReferences)
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
}
