import EmbeddedClouds
import FoundationEssentials
import OutboundHTTP
import TestCertificates
import Testing

@testable import CloudServices

/// Signature Version 4.
struct AmazonSignatureTests {
    private func signature(_ token: String?) throws -> AmazonSignature {
        let keys = AmazonKeys(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            sessionToken: token,
            expires: nil
        )
        return AmazonSignature(keys: try #require(keys), region: "us-east-1", service: "service")
    }

    private func subject(_ vector: SignatureVector) throws -> AmazonSignature.Subject {
        let parts = vector.target.split(separator: "?", maxSplits: 1).map(String.init)
        var subject = AmazonSignature.Subject(method: vector.method, headers: ["host": "example.amazonaws.com"])
        subject.path = parts[0]
        subject.query = try (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1)
            return (try #require(PercentEncoding.decode(pair[0])), try #require(PercentEncoding.decode(pair[1])))
        }
        for (name, value) in vector.headers { subject.headers.append(name, value) }
        subject.body = Array(vector.body.utf8)
        if vector.signsBody {
            let lines = subject.canonical.split(separator: "\n")
            subject.headers["x-amz-content-sha256"] = String(try #require(lines.last))
        }
        return subject
    }

    @Test("requests of AWS's test suite have the signatures that it says", arguments: SignatureVector.all)
    func vectors(_ vector: SignatureVector) throws {
        let date = try Date("2015-08-30T12:36:00Z", strategy: Date.ISO8601FormatStyle())
        let signed = try signature(vector.token).sign(subject(vector), at: date)
        let field = try #require(signed.headers["authorization"])
        #expect(field.hasSuffix("Signature=\(vector.signature)"))
        #expect(
            field.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="
            )
        )
        #expect(signed.headers["x-amz-date"] == "20150830T123600Z")
        #expect(signed.headers["x-amz-security-token"] == vector.token)
    }

    @Test("every part of a request counts")
    func parts() throws {
        let vector = try #require(SignatureVector.all.first { $0.name == "post-x-www-form-urlencoded" })
        let original = try subject(vector)
        var others = Array(repeating: original, count: 5)
        others[0].method = "PUT"
        others[1].path = "/a"
        others[2].query = [("a", "")]
        others[3].headers["host"] = "example.amazonaws.co"
        others[4].body.append(0)
        for other in others { #expect(other.canonical != original.canonical) }
    }

    @Test("what is signed is what arrives over TLS")
    func wire() async throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue(addresses: [[127, 0, 0, 1]])
        let amazon = EmbeddedAmazon(seconds: SceneTime.start)
        try await CloudServer.with(amazon, certificatePEM: leaf.certificate, keyPEM: leaf.key) { server in
            let issued = amazon.issueKeys()
            let keys = AmazonKeys(
                accessKeyID: issued.id,
                secretAccessKey: issued.secret,
                sessionToken: issued.session,
                expires: nil
            )
            let url = try OutboundURL("https://\(server.authority)/")
            var configuration = OutboundConfiguration()
            configuration.tls.roots = .only(pem: Array(try authority.pem.utf8))
            let signature = AmazonSignature(keys: try #require(keys), region: "eu-central-1", service: "ecr")
            try await OutboundHTTPClient.with(configuration) { http in
                for (host, status) in [(url.authority, 200), ("example.com", 400)] {
                    let request = AmazonRegistry.tokenRequest(
                        url,
                        signedFor: host,
                        signature,
                        at: Date(timeIntervalSince1970: Double(SceneTime.start))
                    )
                    let response = try await http.send(request, limit: .kibibytes(64))
                    #expect(response.status == status, "signed for \(host)")
                }
            }
        }
    }
}
