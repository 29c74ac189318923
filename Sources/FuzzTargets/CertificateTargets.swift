import FoundationEssentials

@testable import NotaryVerification
@testable import SigningFormats

/// Certificates, one by one, as chains and in files.
enum CertificateTargets {
    static let all = [
        DecoderTarget("x509-certificate", certificate),
        DecoderTarget("certificate-chain", maximumLength: 16 << 10, chain),
        DecoderTarget("certificate-file", maximumLength: 16 << 10, file),
    ]

    private static func certificate(_ bytes: [UInt8]) throws {
        guard let certificate = try? X509Certificate(der: bytes) else { return }
        try demand(certificate.der == bytes, "a certificate is its bytes")
        try demand(certificate.description.unicodeScalars.count <= 201, "a subject is short enough to be shown")
        try demand(certificate.fingerprint.utf8.count == 64, "a fingerprint is a SHA-256")
        _ = certificate.isSelfSigned
        _ = certificate.envelopeAlgorithm
        _ = certificate.isRevocable
        _ = try? DistinguishedName(subject: certificate.subject)
        _ = try? CertificateChain(codeSigning: [certificate])
    }

    /// Certificates in DER, one after the other.
    private static func chain(_ bytes: [UInt8]) throws {
        guard let certificates = try? CertificateFile.certificates(bytes) else { return }
        for chain in [
            try? CertificateChain(codeSigning: certificates), try? CertificateChain(timestamping: certificates),
        ] {
            guard let chain else { continue }
            try demand(chain.certificates == certificates, "a chain is what it was made of")
            try demand(chain.certificates.last?.isSelfSigned == true, "a chain ends in a root")
        }
    }

    private static func file(_ bytes: [UInt8]) throws {
        guard let certificates = try? CertificateFile.certificates(bytes) else { return }
        try demand(!certificates.isEmpty, "a file without certificates is refused")
        var pem = ""
        for certificate in certificates {
            pem += "-----BEGIN CERTIFICATE-----\n\(wrapped(certificate.der))-----END CERTIFICATE-----\n"
        }
        let again = try? CertificateFile.certificates(Array(pem.utf8))
        try demand(again == certificates, "the same certificates can be read from PEM again")
    }

    private static func wrapped(_ der: [UInt8]) -> String {
        var text = ""
        var rest = Substring(Data(der).base64EncodedString())
        while !rest.isEmpty {
            text += "\(rest.prefix(64))\n"
            rest = rest.dropFirst(64)
        }
        return text
    }
}
