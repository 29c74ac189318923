import FoundationEssentials
import JSONModel
import KubernetesAPI
import NotaryVerification
import SigningFormats
import TrustModel

extension PolicyCompilation {
    /// Reads the sources of trust.
    mutating func authorities(_ sources: [AuthoritySource]) -> [Authority] {
        if sources.isEmpty { invalid("spec.authorities", "is empty: name at least one source of trust") }
        if sources.count > PolicySchema.authorities.upperBound {
            invalid(
                "spec.authorities",
                "has \(sources.count) entries, at most \(PolicySchema.authorities.upperBound) are allowed"
            )
            return []
        }
        var seen: [String: Int] = [:]
        return sources.enumerated().compactMap { index, source in
            let field = "spec.authorities[\(index)]"
            if source.name.isEmpty { invalid("\(field).name", "is empty: give the authority a name") }
            if let first = seen.updateValue(index, forKey: source.name) {
                invalid("\(field).name", "repeats spec.authorities[\(first)]; give every authority a name of its own")
            }
            guard let notary = source.notary else {
                invalid(field, "names no source: add notary")
                return nil
            }
            return trust(notary, authority: source.name, field: "\(field).notary")
                .map { Authority(name: source.name, source: .notary($0)) }
        }
    }

    private mutating func trust(_ source: NotarySource, authority: String, field: String) -> NotaryTrust? {
        let before = problems.count
        let level = word(source.level ?? VerificationLevel.strict.rawValue, "\(field).level", VerificationLevel.self)
        let timestamp = word(
            source.verifyTimestamp ?? TimestampVerification.always.rawValue,
            "\(field).verifyTimestamp",
            TimestampVerification.self
        )
        let overrides = overrides(source.overrides, field: "\(field).overrides")
        if level == .skip, source.requiredAnnotations?.isEmpty == false {
            invalid(
                "\(field).requiredAnnotations",
                "level skip verifies nothing; remove the annotations, or choose another level"
            )
        }
        let stores = trustStores(source.trustStores ?? [], authority: authority, field: "\(field).trustStores")
        guard let level, let timestamp, problems.count == before else { return nil }
        let trust = NotaryTrust(
            level: level,
            overrides: overrides,
            verifyTimestamp: timestamp,
            trustedIdentities: source.trustedIdentities ?? [],
            trustStores: stores,
            requiredAnnotations: source.requiredAnnotations ?? [:]
        )
        return check(trust, field: field)
    }

    /// Every rule of the trust policy specification, by the verifier that will apply the trust.
    private mutating func check(_ trust: NotaryTrust, field: String) -> NotaryTrust? {
        do throws(NotaryPolicyError) {
            return try NotaryVerifier(trust: trust, field: field).trust
        } catch {
            invalid(error.field, error.message)
            return nil
        }
    }

    private mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        _ field: String,
        _ type: Word.Type
    ) -> Word? {
        if let word = Word(rawValue: text) { return word }
        let names = Word.allCases.map(\.rawValue)
        let suggestion = Suggestion.text(for: text, among: names)
        invalid(field, "is \"\(text.cut(to: 40))\", expected one of \(names.joined(separator: ", "))\(suggestion)")
        return nil
    }

    private mutating func overrides(
        _ source: NotarySource.Overrides?,
        field: String
    ) -> [VerificationCheck: VerificationAction] {
        let written: [(VerificationCheck, String?)] = [
            (.authenticity, source?.authenticity), (.authenticTimestamp, source?.authenticTimestamp),
            (.expiry, source?.expiry), (.revocation, source?.revocation),
        ]
        var overrides: [VerificationCheck: VerificationAction] = [:]
        for (check, text) in written {
            guard let text else { continue }
            overrides[check] = word(text, "\(field).\(check.rawValue)", VerificationAction.self)
        }
        return overrides
    }

    // MARK: Trust stores

    private mutating func trustStores(
        _ sources: [TrustStoreSource],
        authority: String,
        field: String
    ) -> [TrustStore] {
        var seen: Set<String> = []
        return sources.enumerated().compactMap { index, source in
            let field = "\(field)[\(index)]"
            guard let kind = word(source.type, "\(field).type", TrustStore.Kind.self) else { return nil }
            let name = source.name ?? kind.rawValue
            guard seen.insert("\(kind.rawValue):\(name)").inserted else {
                invalid(
                    "\(field).name",
                    """
                    a trust store \(kind.rawValue):\(name) stands before it; give each store of a type a name of its \
                    own
                    """
                )
                return nil
            }
            guard let bytes = bytes(source.certificates, field: "\(field).certificates") else { return nil }
            guard let certificates = certificates(bytes.0, kind: kind, field: bytes.field) else { return nil }
            record(certificates, authority: authority, kind: kind, name: "\(authority)/\(kind.rawValue):\(name)")
            return TrustStore(kind: kind, name: name, certificates: certificates)
        }
    }

    /// The bytes that a source names, and the field they come from.
    private mutating func bytes(_ source: CertificateSource, field: String) -> ([UInt8], field: String)? {
        guard source.count == 1 else {
            let found = source.count == 0 ? "names no certificates" : "names certificates in \(source.count) ways"
            invalid(field, "\(found): write exactly one of inline, configMapRef, secretRef and azureKeyVault")
            return nil
        }
        if let inline = source.inline { return (Array(inline.utf8), "\(field).inline") }
        let field = "\(field).\(source.referenceMember)"
        guard let reference = source.reference(in: namespace) else {
            if let namespace {
                invalid(
                    "\(field).namespace",
                    "a TrustPolicy reads its own namespace alone: remove it or write \(namespace)"
                )
            } else {
                invalid("\(field).namespace", "is missing: a ClusterTrustPolicy belongs to no namespace, so say which")
            }
            return nil
        }
        switch lookup(reference) {
        case .found(let bytes, let remarks):
            warnings += remarks.warnings.map { "\(reference): \($0)" }
            if let outage = remarks.outage { outages.append("\(reference) \(outage)") }
            return (bytes, field)
        case .unavailable(let why):
            problems.append(PolicyProblem(.unresolved, field: field, message: "\(reference) \(why)"))
            return nil
        case .refused(let why):
            invalid(field, "\(reference) \(why)")
            return nil
        }
    }

    private mutating func certificates(_ bytes: [UInt8], kind: TrustStore.Kind, field: String) -> [[UInt8]]? {
        do throws(NotaryPolicyError) {
            return try TrustStoreCertificates.parse(bytes, kind: kind, field: field)
        } catch {
            invalid(error.field, error.message)
            return nil
        }
    }

    /// Remembers when the certificates of a store expire, and what each of them may vouch for.
    private mutating func record(_ ders: [[UInt8]], authority: String, kind: TrustStore.Kind, name: String) {
        let certificates = ders.compactMap { try? X509Certificate(der: $0) }
        let ends = certificates.map(\.notAfter)
        guard let first = ends.min() else { return }
        let expired = ends.count { $0 <= now }
        if expired > 0 {
            // What an authority has stamped before stays true.
            let remedy =
                kind == .tsa ? "add their successors, and keep them for the timestamps made before" : "replace them"
            warnings.append("trust store \(name) holds \(expired) expired of \(ends.count) certificates; \(remedy)")
        }
        trustStores.append(
            TrustPolicyStatus.TrustStoreStatus(
                name: name,
                certificates: ders.count,
                notAfter: KubernetesTime(first)
            )
        )
        for certificate in certificates {
            let anchor = TrustPolicyStatus.AnchorStatus(
                authority: authority,
                sha256: certificate.fingerprint,
                subject: certificate.subject.description.reported(to: StatusLimits.subjectCharacters),
                notAfter: KubernetesTime(certificate.notAfter),
                type: kind.rawValue
            )
            if !anchors.contains(where: { $0.authority == authority && $0.sha256 == anchor.sha256 }) {
                anchors.append(anchor)
            }
        }
    }
}

extension CertificateSource {
    /// The member that refers to something else than the policy.
    fileprivate var referenceMember: String {
        if azureKeyVault != nil { return "azureKeyVault" }
        return configMapRef != nil ? "configMapRef" : "secretRef"
    }
}
