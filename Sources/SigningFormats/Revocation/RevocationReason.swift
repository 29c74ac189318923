import SwiftASN1

/// Why a certificate was revoked (RFC 5280 §5.3.1).
public enum RevocationReason: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case unspecified = 0
    case keyCompromise = 1
    case caCompromise = 2
    case affiliationChanged = 3
    case superseded = 4
    case cessationOfOperation = 5
    case certificateHold = 6
    case removeFromCRL = 8
    case privilegeWithdrawn = 9
    case aaCompromise = 10

    /// The name that RFC 5280 gives it.
    public var description: String {
        switch self {
        case .unspecified: "unspecified"
        case .keyCompromise: "keyCompromise"
        case .caCompromise: "cACompromise"
        case .affiliationChanged: "affiliationChanged"
        case .superseded: "superseded"
        case .cessationOfOperation: "cessationOfOperation"
        case .certificateHold: "certificateHold"
        case .removeFromCRL: "removeFromCRL"
        case .privilegeWithdrawn: "privilegeWithdrawn"
        case .aaCompromise: "aACompromise"
        }
    }

    /// Reads an ENUMERATED; a number without a name counts as `unspecified`, since the certificate is revoked anyway.
    init(enumerated node: ASN1Node) throws {
        guard node.identifier == .enumerated, case .primitive(let bytes) = node.content, bytes.count == 1,
            let byte = bytes.first
        else { throw SigningFormatError(.malformed, "a reason for revocation is no number") }
        self = RevocationReason(rawValue: byte) ?? .unspecified
    }
}
