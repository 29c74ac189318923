import FoundationEssentials

@testable import NotaryVerification
@testable import SigningFormats

/// Certificates, one by one, as chains and in files.
enum CertificateTargets {
    static let all = [
        DecoderTarget("x509-certificate", certificate),
        DecoderTarget("certificate-chain", maximumLength: 16 << 10, chain),
        DecoderTarget("certificate-file", maximumLength: 16 << 10, file),
        DecoderTarget("ocsp-response", maximumLength: 8192, ocspResponse),
        DecoderTarget("revocation-list", maximumLength: 8192, revocationList),
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

    private static func ocspResponse(_ bytes: [UInt8]) throws {
        guard let response = try? OCSPResponse(bytes) else { return }
        try demand(!response.answers.isEmpty, "an answer is about something")
        for certificate in response.certificates {
            _ = response.names(certificate)
            _ = response.isSigned(by: certificate)
            for answer in response.answers { _ = answer.isAbout(certificate, issuedBy: certificate) }
        }
    }

    private static func revocationList(_ bytes: [UInt8]) throws {
        guard let list = try? RevocationList(bytes) else { return }
        try demand(list.hasSameScope(as: list), "a list has its own scope")
        _ = list.unsupportedAlgorithm
        for serialNumber in [[1], [2], Array(bytes.suffix(8))] { _ = try? list.entries(for: serialNumber[...]) }
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
