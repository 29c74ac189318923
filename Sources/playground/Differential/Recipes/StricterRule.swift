/// The closed list of what Vigil refuses on purpose although `notation` accepts it, each with the rule's source.
///
/// A rule that no case exercises, or whose case both programs begin to judge alike, fails the run.
enum StricterRule: String, Sendable, Hashable, CaseIterable {
    case unknownCriticalAttribute = "unknown-critical-attribute"
    case duplicateJSONMember = "duplicate-json-member"
    case memberNameCase = "member-name-case"
    case unknownEnvelopeMember = "unknown-envelope-member"
    case base64Form = "base64-form"
    case foreignKeyHeader = "foreign-key-header"
    case headerInBothPlaces = "header-in-both-places"
    case criticalNameTwice = "critical-name-twice"
    case timeForm = "time-form"
    case contentAfterDocument = "content-after-document"
    case timeOfTheOtherScheme = "time-of-the-other-scheme"
    case timestampInTheFuture = "timestamp-in-the-future"
    case timestampCriticalExtension = "timestamp-critical-extension"
    case timestampNotDER = "timestamp-not-der"
    case timestampAccuracy = "timestamp-accuracy"
    case timestampSignatureHash = "timestamp-signature-hash"
    case saltLength = "salt-length"
    case revocationOfTheFuture = "revocation-of-the-future"
    case revocationCriticalExtension = "revocation-critical-extension"
    case revocationSHA1 = "revocation-sha1"
    case ocspCertificateID = "ocsp-certificate-id"
    case ocspResponder = "ocsp-responder"
    case revocationListIssuer = "revocation-list-issuer"
    case revocationListScope = "revocation-list-scope"
    case deltaAlone = "delta-alone"
    case revocationOfStrangers = "revocation-of-strangers"
    case teletexName = "teletex-name"
    case anyExtendedKeyUsage = "any-extended-key-usage"
    case unknownCriticalExtension = "unknown-critical-extension"
    case sha1SelfSignature = "sha1-self-signature"
    case authorityKey = "authority-key"
    case certificateForm = "certificate-form"
    case revocationPlace = "revocation-place"
    case unprotectedHeaderType = "unprotected-header-type"
    case signatureOfAnotherSubject = "signature-of-another-subject"
    case signatureManifestForm = "signature-manifest-form"
    case identityAttributeType = "identity-attribute-type"
    case unknownPolicyMember = "unknown-policy-member"
    case skipEverywhere = "skip-everywhere"
    case sizeLimit = "size-limit"

    /// What Vigil demands, in one sentence.
    var rule: String {
        switch self {
        case .unknownCriticalAttribute: "A critical attribute that the verifier cannot process fails the verification."
        case .duplicateJSONMember: "The names in a JSON object are unique."
        case .memberNameCase: "Names of members are compared byte by byte."
        case .unknownEnvelopeMember:
            "A JWS envelope has the four members payload, protected, header and signature only."
        case .base64Form: "Base64 has no line breaks, and the unused bits at its end are zero."
        case .foreignKeyHeader: "Headers that name a key or another encoding elsewhere are not accepted."
        case .headerInBothPlaces: "A header is protected or unprotected, not both, and what must be protected is."
        case .criticalNameTwice: "A header is listed as critical once, in COSE as in JWS."
        case .timeForm: "Times are written as RFC 3339 has them; in COSE they are whole seconds."
        case .contentAfterDocument: "Nothing follows a JSON document or a revocation list."
        case .timeOfTheOtherScheme: "Each signing scheme has its own time header, and not that of the other."
        case .timestampInTheFuture: "The time of a timestamp does not lie ahead."
        case .timestampCriticalExtension: "A timestamp with a critical extension that is not understood is refused."
        case .timestampNotDER: "A timestamp token is in DER."
        case .timestampAccuracy: "A timestamp that may be off by more than a year proves no time."
        case .timestampSignatureHash:
            "The RSASSA-PSS parameters of a timestamp's signature name the hash that its digest was made with."
        case .saltLength: "The salt of an RSA-PSS signature is as long as its hash, in JWS as in COSE."
        case .revocationOfTheFuture: "Evidence about revocation does not begin in the future."
        case .revocationCriticalExtension:
            "An OCSP response with a critical extension that is not understood is not believed."
        case .revocationSHA1: "No OCSP response and no revocation list is signed with SHA-1."
        case .ocspCertificateID:
            "An OCSP answer is about a certificate when it names the issuer too, not its number alone."
        case .ocspResponder:
            "Whoever signs an OCSP response is the one it names: the issuer, or a responder whose certificate the issuer "
                + "gave for this purpose, which is valid and not itself in question."
        case .revocationListIssuer: "A revocation list names the issuer of the certificate."
        case .revocationListScope:
            "A revocation list counts for the certificates that it is about, and when it leaves out no reason."
        case .deltaAlone:
            "A list of changes is not taken for a whole list, and a certificate that names nothing else cannot be asked about."
        case .revocationOfStrangers:
            "Nobody is asked about a signer whom no trust anchor vouches for, and what was not asked was not answered."
        case .teletexName: "A subject with a value in TeletexString, which has no single reading, matches no identity."
        case .anyExtendedKeyUsage: "A signing certificate does not have the extended key usage anyExtendedKeyUsage."
        case .unknownCriticalExtension: "A certificate with a critical extension that is not understood is refused."
        case .sha1SelfSignature: "No certificate is signed with SHA-1, a self-signed one neither."
        case .authorityKey: "CAs have keys of the kinds and sizes that signers may have."
        case .certificateForm:
            "A certificate is in DER: defaults are left out, a key usage has its shortest form, a list of purposes is not "
                + "empty, and the algorithms of ECDSA have no parameters."
        case .revocationPlace:
            "A certificate that names responders or lists of which none can be asked is not taken for one that names none: "
                + "its status is unknown."
        case .unprotectedHeaderType: "The signing agent is text and the timestamp bytes, unprotected as they are."
        case .signatureOfAnotherSubject: "A signature manifest counts for the image that its subject names."
        case .signatureManifestForm: "A signature manifest with an artifact type has the empty config, and no other."
        case .identityAttributeType:
            "An identity has attribute types of the specification, in its letters, each with a value."
        case .unknownPolicyMember: "A trust policy has no members that the specification does not define."
        case .skipEverywhere: "Level skip does not go with the scope *."
        case .sizeLimit: "Documents, lists and chains have limits."
        }
    }

    /// Where that stands.
    var source: String {
        switch self {
        case .unknownCriticalAttribute:
            "Notary Project signature specification, \"Extended attributes\"; RFC 7515 §4.1.11, RFC 9052 §3.1"
        case .duplicateJSONMember: "RFC 7515 §4 (header names unique); RFC 8259 §4"
        case .memberNameCase: "RFC 7515 §4, §5.3 (case-sensitive); RFC 8259 §8.3"
        case .unknownEnvelopeMember: "Notary Project JWS envelope specification, \"JWS Envelope\""
        case .base64Form: "RFC 7515 §2 (no line breaks or whitespace); RFC 4648 §3.1, §3.5"
        case .foreignKeyHeader:
            "RFC 8725 §3.10 (headers that name keys); RFC 7797 §6 (b64)"
        case .headerInBothPlaces: "RFC 7515 §7.2.1; RFC 9052 §3"
        case .criticalNameTwice: "RFC 7515 §4.1.11, whose rule Vigil applies to both formats"
        case .timeForm:
            "RFC 3339 §5.6; Notary Project COSE envelope specification, \"Protected Headers\" (no fractional seconds)"
        case .contentAfterDocument: "RFC 8259 §2; RFC 5280 §5.1 (CertificateList)"
        case .timeOfTheOtherScheme:
            "Notary Project signature specification, \"Standard attributes\"; signing scheme specification"
        case .timestampInTheFuture: "RFC 3161 §2.4.2 (genTime is when the token was made)"
        case .timestampCriticalExtension: "RFC 3161 §2.4.2; RFC 5280 §4.2"
        case .timestampNotDER:
            "Notary Project signature specification, \"Unsigned attributes\" (timestamp); RFC 3161 §2.4.2"
        case .timestampAccuracy:
            "RFC 3161 §2.4.2 (accuracy: the time lies between the two ends); the limit is Vigil's own"
        case .timestampSignatureHash: "RFC 4056 §3"
        case .saltLength: "RFC 7518 §3.5; RFC 8230 §2"
        case .revocationOfTheFuture: "RFC 6960 §3.2 (5), §4.2.2.1; RFC 5280 §5.1.2.4"
        case .revocationCriticalExtension: "RFC 6960 §4.4; RFC 5280 §4.2"
        case .revocationSHA1: "RFC 6194 §3 (collisions); Notary Project signature specification allows SHA-2 alone"
        case .ocspCertificateID: "RFC 6960 §3.2 (1), §4.1.1"
        case .ocspResponder: "RFC 6960 §3.2 (3) and (4), §4.2.2.2"
        case .revocationListIssuer: "RFC 5280 §6.3.3 (b)"
        case .revocationListScope: "RFC 5280 §5.2.5, §6.3.3 (b)"
        case .deltaAlone: "RFC 5280 §5.2.4, §4.2.1.15"
        case .revocationOfStrangers:
            "Notary Project trust policy specification, \"Signature Evaluation\" (authenticity before revocation)"
        case .teletexName: "RFC 5280 §4.1.2.4 (for backward compatibility only)"
        case .anyExtendedKeyUsage:
            "Notary Project signature specification, \"Certificate Requirements\" (leaf, extended key usage)"
        case .unknownCriticalExtension: "RFC 5280 §4.2"
        case .sha1SelfSignature:
            "Notary Project signature specification, \"Certificate Requirements\" (signature algorithm)"
        case .certificateForm: "RFC 5280 §4.1, §4.2.1.12; X.690 §11.2.2, §11.5; RFC 5758 §3.2"
        case .revocationPlace: "RFC 5280 §4.2.1.13, §4.2.2.1, §6.3.3"
        case .unprotectedHeaderType: "Notary Project COSE envelope specification, \"Unprotected Headers\""
        case .signatureOfAnotherSubject:
            "OCI image specification, \"subject\"; Notary Project signature specification, \"Storage\""
        case .signatureManifestForm:
            "Notary Project signature specification, \"Storage\" (config: the empty descriptor)"
        case .identityAttributeType:
            "Notary Project trust policy specification, \"Trusted Identities Constraints\""
        case .authorityKey:
            "Notary Project signature specification, \"Certificate Requirements\" (public key length)"
        case .unknownPolicyMember: "Notary Project trust policy specification, \"OCI Trust Policy\"; RFC 8259 §4"
        case .skipEverywhere: "Notary Project trust policy specification, \"Signature Verification Level\" (skip)"
        case .sizeLimit: "RFC 8259 §9; RFC 8949 §10 (an implementation may limit what it takes)"
        }
    }
}
