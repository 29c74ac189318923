import FoundationEssentials

/// The protected headers of either format, and the rules that hold for both.
struct ProtectedHeaders {
    /// Where the formats differ about what `crit` may name.
    enum Format {
        case jws
        case cose
    }

    let format: Format
    var algorithm: SignatureAlgorithm
    var contentType: String
    var critical: [HeaderLabel]
    var scheme: SigningScheme
    var signingTime: Date?
    var authenticSigningTime: Date?
    var expiry: Date?
    var verificationPlugin: String?
    var verificationPluginMinVersion: String?
    /// Every protected header that is not the format's own and not the Notary Project's.
    var extended: [HeaderLabel]

    /// Applies the rules of the Notary signature specification and yields the extended attributes.
    func validated() throws(SigningFormatError) -> [NotaryEnvelope.ExtendedAttribute] {
        guard contentType == NotaryEnvelope.payloadMediaType else {
            throw SigningFormatError(
                .unsupported,
                "the content type is \"\(contentType.prefix(128))\", not \(NotaryEnvelope.payloadMediaType)"
            )
        }
        let signedAt = try checkTimes()
        if let expiry, expiry <= signedAt {
            throw SigningFormatError(.header, "the expiry is not after the signing time")
        }
        try checkPlugin()
        return try checkCritical()
    }

    private func checkTimes() throws(SigningFormatError) -> Date {
        let (present, absent, name, other) =
            switch scheme {
            case .x509: (signingTime, authenticSigningTime, "signingTime", "authenticSigningTime")
            case .signingAuthority: (authenticSigningTime, signingTime, "authenticSigningTime", "signingTime")
            }
        guard let present else {
            throw SigningFormatError(.header, "scheme \(scheme.rawValue) needs the header \(name), which is missing")
        }
        guard absent == nil else {
            throw SigningFormatError(.header, "scheme \(scheme.rawValue) forbids the header \(other), which is there")
        }
        // The first second of the year 1 is how the reference implementation writes "no time".
        guard present.timeIntervalSince1970 > Double(CivilTime.expressible.lowerBound) else {
            throw SigningFormatError(.header, "the header \(name) holds no time")
        }
        return present
    }

    private func checkPlugin() throws(SigningFormatError) {
        if let verificationPlugin, Self.isBlank(verificationPlugin) {
            throw SigningFormatError(.header, "the header verificationPlugin is blank")
        }
        guard let minimum = verificationPluginMinVersion else { return }
        guard verificationPlugin != nil else {
            throw SigningFormatError(.header, "there is a verificationPluginMinVersion but no verificationPlugin")
        }
        guard SemanticVersion.isValid(minimum) else {
            throw SigningFormatError(.header, "the header verificationPluginMinVersion is no semantic version")
        }
    }

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    /// Which headers must be critical, and which may be.
    private func checkCritical() throws(SigningFormatError) -> [NotaryEnvelope.ExtendedAttribute] {
        guard !critical.isEmpty else {
            throw SigningFormatError(.criticalHeaders, "the list of critical headers is missing or empty")
        }
        guard critical.count <= SigningLimits.criticalHeaders else {
            throw SigningFormatError(.limitExceeded, "more than \(SigningLimits.criticalHeaders) critical headers")
        }
        let names = Set(critical)
        guard names.count == critical.count else {
            throw SigningFormatError(.criticalHeaders, "a header is listed as critical twice")
        }
        let required = requiredCritical
        for name in required where !names.contains(name) {
            throw SigningFormatError(.criticalHeaders, "the header \(name) is not marked critical, as it must be")
        }
        let allowed = required.union(optionalCritical).union(extended)
        for name in critical where !allowed.contains(name) {
            throw SigningFormatError(
                .criticalHeaders,
                "\(name) is marked critical but is not a header that can be, or is not there"
            )
        }
        return extended.map { NotaryEnvelope.ExtendedAttribute(label: $0, isCritical: names.contains($0)) }
    }

    private var requiredCritical: Set<HeaderLabel> {
        var names: Set<HeaderLabel> = [.text(NotaryHeader.signingScheme)]
        if expiry != nil { names.insert(.text(NotaryHeader.expiry)) }
        if authenticSigningTime != nil { names.insert(.text(NotaryHeader.authenticSigningTime)) }
        if verificationPlugin != nil { names.insert(.text(NotaryHeader.verificationPlugin)) }
        if verificationPluginMinVersion != nil { names.insert(.text(NotaryHeader.verificationPluginMinVersion)) }
        return names
    }

    /// COSE lets `crit` name any protected header (RFC 9052 §3.1); JOSE forbids its own names there (RFC 7515 §4.1.11).
    private var optionalCritical: Set<HeaderLabel> {
        guard format == .cose else { return [] }
        var names: Set<HeaderLabel> = [.number(COSESign1.Label.algorithm), .number(COSESign1.Label.contentType)]
        if signingTime != nil { names.insert(.text(NotaryHeader.signingTime)) }
        return names
    }
}
