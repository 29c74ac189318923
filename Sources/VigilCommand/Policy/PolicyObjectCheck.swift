import CloudServices
import FoundationEssentials
import JSONModel
import KubernetesAPI
import NotaryVerification
import TrustModel
import TrustResources

/// The check of TrustPolicy and ClusterTrustPolicy objects, with the ConfigMaps and Secrets among the same documents.
struct PolicyObjectCheck {
    let now: Date
    /// Where fields stand, by file.
    let places: [String: SourcePlaces]
    /// What was found.
    private(set) var remarks: [PolicyRemark] = []
    /// How many policies were looked at.
    private(set) var policies = 0

    private var certificates = CertificateManifests()
    private var names: [String: InputError.Site] = [:]

    init(now: Date, places: [String: SourcePlaces]) {
        self.now = now
        self.places = places
    }

    mutating func check(_ documents: [SourceDocument]) {
        var found: [(SourceDocument, Bool)] = []
        for document in documents { sort(document, into: &found) }
        for (document, isCluster) in found { check(document, isCluster: isCluster) }
    }

    private mutating func sort(_ document: SourceDocument, into found: inout [(SourceDocument, Bool)]) {
        do throws(InputError) {
            switch PolicyDocument(document) {
            case .list(let items): for item in items { sort(item, into: &found) }
            case .policy(let isCluster): found.append((document, isCluster))
            case .configMap: try certificates.addConfigMap(document)
            case .secret: try certificates.addSecret(document)
            case .nameless:
                guard document.isFileNamed else { return }
                add(.error, "kind", "kind", PolicyDocument.kindProblem(document), in: document)
            case .unknownKind(let kind):
                let suggestion = Suggestion.text(for: kind, among: ["TrustPolicy", "ClusterTrustPolicy"])
                add(.error, "kind", "kind", "\"\(kind.prefix(64))\" is no kind of vigil.dev\(suggestion)", in: document)
            case .other: break
            }
        } catch {
            add(.error, "certificates", error.site?.field ?? "", error.detail, in: document)
        }
    }

    private mutating func add(
        _ severity: PolicyRemark.Severity,
        _ rule: String,
        _ field: String,
        _ message: String,
        in document: SourceDocument
    ) {
        let path = document.prefix + field
        let place = places[document.file]?.place(of: path, inDocument: document.number)
        let site = InputError.Site(
            file: document.file,
            document: document.number,
            line: place?.line,
            column: place?.column,
            field: path
        )
        // A value outside the schema breaks the rules of the policy, too; it is told once.
        guard !remarks.contains(where: { $0.site == site && $0.severity == severity && severity == .error }) else {
            return
        }
        remarks.append(
            PolicyRemark(severity: severity, rule: rule, site: site, policy: Self.name(document), message: message)
        )
    }

    /// `TrustPolicy/shop/web`, as the operator calls it.
    private static func name(_ document: SourceDocument) -> String? {
        guard let kind = document.value["kind"]?.string, let name = document.value.value(at: "metadata", "name")?.string
        else { return nil }
        switch kind {
        case "ClusterTrustPolicy": return "\(kind)/\(name)"
        case "TrustPolicy":
            let namespace = document.value.value(at: "metadata", "namespace")?.string ?? "default"
            return "\(kind)/\(namespace)/\(name)"
        default: return nil
        }
    }
}

// MARK: - One policy

extension PolicyObjectCheck {
    private mutating func check(_ document: SourceDocument, isCluster: Bool) {
        policies += 1
        checkName(document)
        for problem in PolicyDocument.schema(isCluster: isCluster).validate(document.value) {
            add(.error, "schema", problem.path, problem.message, in: document)
        }
        let object: PolicyDocument.Object
        do throws(PolicyProblems) {
            object = try PolicyDocument.Object(document.value, isCluster: isCluster)
        } catch {
            // The schema has said more precisely what is wrong, unless it did not notice.
            if !remarks.contains(where: { $0.site.file == document.file && $0.site.document == document.number }) {
                for problem in error.problems { add(.error, "policy", problem.field, problem.message, in: document) }
            }
            return
        }
        let certificates = certificates
        do throws(PolicyProblems) {
            _ = try object.compiled(PolicyCompiler { certificates.certificates($0) }, now: now)
        } catch {
            for problem in error.problems { add(problem, in: document) }
        }
        caution(object, isCluster: isCluster, in: document)
    }

    private mutating func checkName(_ document: SourceDocument) {
        guard let name = Self.name(document) else { return }
        let place = places[document.file]?.place(of: "\(document.prefix)metadata.name", inDocument: document.number)
        let site = InputError.Site(file: document.file, document: document.number, line: place?.line)
        if let other = names.updateValue(site, forKey: name) {
            let line = other.line.map { ", line \($0)" } ?? ""
            let message = "\(name) is already defined in \(other.file)\(line); keep one of the two"
            add(.error, "nameDuplicate", "metadata.name", message, in: document)
        }
    }

    private mutating func add(_ problem: PolicyProblem, in document: SourceDocument) {
        switch problem.kind {
        case .invalid: add(.error, "policy", problem.field, problem.message, in: document)
        case .unresolved:
            add(.warning, "anchorsUnseen", problem.field, "\(problem.message); it is not checked here", in: document)
        }
    }

    // MARK: Cautions

    private mutating func caution(_ object: PolicyDocument.Object, isCluster: Bool, in document: SourceDocument) {
        let specification = object.specification
        let namespace = isCluster ? nil : object.namespace ?? "default"
        for (index, authority) in specification.authorities.enumerated() {
            guard let notary = authority.notary else { continue }
            let field = "spec.authorities[\(index)].notary"
            cautionVaults(notary, field, in: document)
            let trust = notary.outline { certificates.certificates($0, from: namespace) }
            let cautions = TrustCaution.all(
                in: trust,
                isTimestampVerificationWritten: Self.writesTimestampVerification(index, in: document),
                now: now
            )
            for caution in cautions {
                add(.warning, caution.code.rawValue, Self.path(caution.place, field), caution.message, in: document)
            }
        }
        let includes = specification.images?.include ?? []
        let isEverything = includes.isEmpty || includes.contains("*")
        let skips =
            !specification.authorities.isEmpty && specification.authorities.allSatisfy { $0.notary?.level == "skip" }
        if isEverything, skips, (specification.images?.exclude ?? []).isEmpty {
            add(
                .warning,
                "skipEverywhere",
                "spec.images",
                "the policy speaks for every image and verifies none; name the repositories that are to be left out",
                in: document
            )
        }
        for (index, decision) in (specification.decisions ?? []).enumerated() {
            guard let end = decision.expires.flatMap(KubernetesTime.init), end.date <= now else { continue }
            let message = "the decision ended at \(end) and has no effect; remove it or set a later time"
            add(.warning, "decisionEnded", "spec.decisions[\(index)].expires", message, in: document)
        }
    }

    /// Whether the document itself says when the authority's timestamps are verified: the object has the schema's default.
    private static func writesTimestampVerification(_ index: Int, in document: SourceDocument) -> Bool {
        guard let authorities = document.value.value(at: "spec", "authorities")?.array,
            authorities.indices.contains(index)
        else { return false }
        return authorities[index].value(at: "notary", "verifyTimestamp") != nil
    }

    /// A vault elsewhere than in Azure is read only where the host was named to the operator.
    private mutating func cautionVaults(_ notary: NotarySource, _ field: String, in document: SourceDocument) {
        for (index, store) in (notary.trustStores ?? []).enumerated() {
            guard let source = store.certificates.azureKeyVault else { continue }
            do throws(CloudError) {
                _ = try KeyVaultCertificate(vaultURI: source.vaultURI, name: source.name)
            } catch {
                let path = "\(field).trustStores[\(index)].certificates.azureKeyVault.vaultURI"
                add(.warning, "vaultHost", path, "\(error.message) unless --azure-allow-host names it", in: document)
            }
        }
    }

    private static func path(_ place: TrustCaution.Place, _ field: String) -> String {
        switch place {
        case .trust: field
        case .level: "\(field).level"
        case .override(let check): "\(field).overrides.\(check.rawValue)"
        case .verifyTimestamp: "\(field).verifyTimestamp"
        case .identities: "\(field).trustedIdentities"
        case .store(let index): "\(field).trustStores[\(index)].certificates"
        }
    }
}

extension CertificateManifests {
    /// The bytes of a source, as seen from a policy in `namespace`, where they can be found.
    fileprivate func certificates(_ source: CertificateSource, from namespace: String?) -> [UInt8]? {
        if let inline = source.inline { return Array(inline.utf8) }
        guard let reference = source.reference(in: namespace) else { return nil }
        if case .found(let bytes, _) = certificates(reference) { return bytes }
        return nil
    }
}

extension NotarySource {
    /// The description of trust as far as it can be read: what breaks a rule is left out.
    fileprivate func outline(_ lookup: (CertificateSource) -> [UInt8]?) -> NotaryTrust {
        var written: [VerificationCheck: VerificationAction] = [:]
        for (check, text) in [
            (VerificationCheck.authenticity, overrides?.authenticity),
            (.authenticTimestamp, overrides?.authenticTimestamp), (.expiry, overrides?.expiry),
            (.revocation, overrides?.revocation),
        ] {
            written[check] = text.flatMap(VerificationAction.init)
        }
        let stores = (trustStores ?? []).map { source in
            let kind = TrustStore.Kind(rawValue: source.type) ?? .ca
            let bytes = lookup(source.certificates)
            let certificates = bytes.flatMap { try? TrustStoreCertificates.parse($0, kind: kind) } ?? []
            return TrustStore(kind: kind, name: source.name ?? source.type, certificates: certificates)
        }
        return NotaryTrust(
            level: level.flatMap(VerificationLevel.init) ?? .strict,
            overrides: written,
            verifyTimestamp: verifyTimestamp.flatMap(TimestampVerification.init) ?? .always,
            trustedIdentities: trustedIdentities ?? [],
            trustStores: stores,
            requiredAnnotations: requiredAnnotations ?? [:]
        )
    }
}
