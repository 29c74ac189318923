import FoundationEssentials
import SigningFormats

/// Judges what revocation lists say about one certificate (RFC 5280 §6.3; OCSP and CRL specification of the Notary Project).
struct RevocationListJudge {
    let lookup: RevocationLookup
    let evidence: RevocationEvidence
    let now: Date

    /// A list that cannot be believed, or one that has to wait for its delta.
    private enum Obstacle: Error {
        case trouble(String)
        case ask([RevocationRequest])
    }

    /// Looks at every list that the certificate names: each may be about other reasons for revocation, so one that is
    /// missing leaves the status open, and one that has the certificate settles it.
    func progress() -> RevocationProgress {
        guard let pointers = lookup.certificate.revocationLists else {
            return .settled(.unavailable("it names a delta list without the list that this is a delta to"))
        }
        var troubles: [String] = []
        if pointers.hasUnusable {
            troubles.append("a revocation list of it is named by something that is no URL, or signed by another issuer")
        }
        var open: [RevocationRequest] = []
        var end: Date?
        for url in pointers.urls {
            do throws(Obstacle) {
                switch try status(of: .revocationList(url: url)) {
                case .good(let until, _): end = end.map { min($0, until) } ?? until
                case let status: return .settled(status)
                }
            } catch {
                switch error {
                case .ask(let requests): open += requests
                case .trouble(let message): troubles.append(message)
                }
            }
        }
        if !open.isEmpty { return .ask(open) }
        guard troubles.isEmpty, let end else { return .settled(.unavailable(troubles.joined(separator: "; "))) }
        let places = pointers.urls.map { "revocation list \($0)" }.joined(separator: ", ")
        return .settled(.good(until: end, places))
    }

    /// The `nextUpdate` of a list that can be believed; `nil` for any other.
    func end(of bytes: [UInt8]) -> Date? {
        guard let list = try? RevocationList(bytes), trouble(with: list) == nil else { return nil }
        return list.nextUpdate
    }

    // MARK: - One base list and its delta

    private func status(of source: RevocationRequest) throws(Obstacle) -> RevocationStatus {
        guard RevocationText.isAskable(source.url) else {
            throw .trouble("\(source) is not asked, because only http is")
        }
        let (base, receivedAt) = try list(source)
        guard base.baseNumber == nil else { throw .trouble("\(source) holds only changes to another list") }
        var end = try self.end(base, receivedAt: receivedAt)
        var found = try entries(of: base, source).map { (source, $0) }
        if let (deltaSource, delta, receivedAt) = try self.delta(to: base, source) {
            end = min(end, try self.end(delta, receivedAt: receivedAt))
            found += try entries(of: delta, deltaSource).map { (deltaSource, $0) }
        }
        if let message = revocation(found) { return .revoked(message) }
        return .good(until: end, "\(source)")
    }

    private func end(_ list: RevocationList, receivedAt: Date) throws(Obstacle) -> Date {
        guard let nextUpdate = list.nextUpdate else { throw .trouble("it does not say how long it holds") }
        return RevocationRules.end(nextUpdate: nextUpdate, receivedAt: receivedAt, now: now)
    }

    /// Reads a list from the evidence and makes sure that it can be believed.
    private func list(_ source: RevocationRequest) throws(Obstacle) -> (RevocationList, Date) {
        switch evidence.answers[source] {
        case nil: throw .ask([source])
        case .failure(let message): throw .trouble("\(source) could not be had: \(message)")
        case .bytes(let bytes, let receivedAt):
            let list: RevocationList
            do throws(SigningFormatError) {
                list = try RevocationList(bytes)
            } catch {
                throw .trouble("\(source) cannot be read: \(error.message)")
            }
            if let trouble = trouble(with: list) { throw .trouble("\(source) cannot be believed: \(trouble)") }
            return (list, receivedAt)
        }
    }

    private func entries(
        of list: RevocationList,
        _ source: RevocationRequest
    ) throws(Obstacle) -> [RevocationEntry] {
        do throws(SigningFormatError) {
            return try list.entries(for: lookup.certificate.serialNumber)
        } catch {
            throw .trouble("\(source) cannot be read: \(error.message)")
        }
    }

    /// Which entry counts: one that is there for good, or else the latest of those that put the certificate on hold and
    /// released it.
    ///
    /// - Returns: the revocation as a clause; `nil` when none is in force.
    private func revocation(_ entries: [(RevocationRequest, RevocationEntry)]) -> String? {
        var latest: (source: RevocationRequest, entry: RevocationEntry)?
        for (source, entry) in entries {
            guard !RevocationText.isHarmless(entry.invalidityDate, signedAt: lookup.authenticSigningTime) else {
                continue
            }
            switch entry.reason {
            case .certificateHold, .removeFromCRL:
                // At the same moment the hold of the base list counts, which comes first.
                if latest.map({ $0.entry.date < entry.date }) ?? true { latest = (source, entry) }
            default: return RevocationText.revoked(entry.date, entry.reason, by: source)
            }
        }
        guard let latest, latest.entry.reason == .certificateHold else { return nil }
        return RevocationText.revoked(latest.entry.date, latest.entry.reason, by: latest.source)
    }

    // MARK: - Delta lists

    /// The delta list that the base list names: the first of its places that has one that fits (RFC 5280 §5.2.4, §5.2.6).
    private func delta(
        to base: RevocationList,
        _ source: RevocationRequest
    ) throws(Obstacle) -> (RevocationRequest, RevocationList, Date)? {
        guard let pointers = base.freshestLists else {
            guard lookup.certificate.freshestLists == nil else {
                throw .trouble("\(source) names no delta list, although the certificate does")
            }
            return nil
        }
        var troubles: [String] = []
        for url in pointers.urls {
            let asked = RevocationRequest.revocationList(url: url)
            guard RevocationText.isAskable(url) else {
                troubles.append("\(asked) is not asked, because only http is")
                continue
            }
            do throws(Obstacle) {
                let (delta, receivedAt) = try list(asked)
                if let trouble = trouble(with: delta, deltaTo: base) {
                    throw .trouble("\(asked) cannot be believed: \(trouble)")
                }
                return (asked, delta, receivedAt)
            } catch {
                guard case .trouble(let message) = error else { throw error }
                troubles.append(message)
            }
        }
        let causes = troubles.isEmpty ? "it is named by something that is no URL" : troubles.joined(separator: "; ")
        throw .trouble("\(source) has changes in a delta list that could not be had: \(causes)")
    }

    private func trouble(with delta: RevocationList, deltaTo base: RevocationList) -> String? {
        guard let from = delta.baseNumber else { return "it is not a delta list" }
        guard let number = delta.number, let baseNumber = base.number else {
            return "it or its base list has no number"
        }
        guard Self.isLess(baseNumber, number) else { return "it is not newer than its base list" }
        guard !Self.isLess(baseNumber, from) else { return "it is a delta to a newer list than the one that was found" }
        guard delta.hasSameScope(as: base) else { return "it is about other certificates than its base list" }
        return nil
    }

    /// Compares numbers written big-endian without leading zeros.
    private static func isLess(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }

    // MARK: - What every list must withstand

    /// Why a list cannot be believed; `nil` when it can.
    private func trouble(with list: RevocationList) -> String? {
        let issuer = lookup.issuer
        guard list.issuer == issuer.subject else { return "it was issued by \(list.issuer), not by \(issuer)" }
        guard issuer.maySignRevocationLists else {
            return "\(issuer) may not sign revocation lists (key usage cRLSign)"
        }
        if let name = list.unsupportedAlgorithm { return "it is signed with \(name), which is not allowed" }
        if let unknown = list.unknownCritical.first {
            return "it has the critical extension \(unknown), which is not understood here"
        }
        guard list.thisUpdate <= now.addingTimeInterval(RevocationRules.clockSkew) else {
            return "it is of the future, of \(list.thisUpdate.formatted(.iso8601))"
        }
        guard let nextUpdate = list.nextUpdate else { return "it does not say how long it holds" }
        guard now <= nextUpdate else { return "it held until \(nextUpdate.formatted(.iso8601)), and this is past" }
        guard list.thisUpdate <= nextUpdate else { return "it ends before it begins" }
        if let trouble = list.scope.flatMap(trouble(with:)) { return trouble }
        // Last, because it reads the whole list.
        guard list.isSigned(by: issuer) else { return "it is not signed by the key of \(issuer)" }
        return nil
    }

    /// Whether the list is about certificates such as this one, for every reason.
    private func trouble(with scope: IssuingDistributionPoint) -> String? {
        guard !scope.isIndirect else { return "it is also about certificates of other issuers (indirectCRL)" }
        guard !scope.isForSomeReasonsOnly else { return "it leaves out revocations for some reasons" }
        guard !scope.isForAttributesOnly else { return "it is about attribute certificates only" }
        let isAuthority = lookup.certificate.isCertificateAuthority
        guard !scope.isForUsersOnly || !isAuthority else { return "it is not about certificates of CAs" }
        guard !scope.isForAuthoritiesOnly || isAuthority else { return "it is about certificates of CAs only" }
        if let places = scope.places {
            // Another part of the same CA's certificates has a list of its own, with the same signer.
            let named = Set(lookup.certificate.revocationLists?.urls ?? [])
            guard !named.isDisjoint(with: places.urls) else { return "it is about certificates that name another list" }
        }
        return nil
    }
}
