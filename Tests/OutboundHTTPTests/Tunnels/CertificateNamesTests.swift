import NIOSSL
import TestCertificates
import Testing

@testable import OutboundHTTP

@Suite("Names of certificates")
struct CertificateNamesTests {
    @Test(
        "a host is held by an equal name, or by one whose first label is a star",
        arguments: [
            ("api.example", "api.example", true), ("API.Example", "api.example", true),
            ("api.example.", "api.example", true), ("api.example", "api.example.", true),
            ("*.example", "api.example", true), ("*.example", "a.b.example", false), ("*.example", "example", false),
            ("*", "localhost", false), ("a*.example", "api.example", false), ("api.*", "api.example", false),
            ("api.example.org", "api.example", false), ("example", "api.example", false), ("", "api.example", false),
            (".example", "api.example", false), ("*.", "api", false), ("api.example\u{0}.evil", "api.example", false),
            ("api.\u{212a}ube", "api.kube", false),
            // An address in text is a name among others, and no address.
            ("10.0.0.1", "10.0.0.1", false), ("*.0.0.1", "10.0.0.1", false),
        ]
    )
    func domains(name: String, host: String, isHeld: Bool) {
        var names = CertificateNames()
        names.domains = [name]
        #expect(names.include(host) == isHeld)
    }

    @Test("addresses are compared whole, and never with names")
    func addresses() throws {
        let leaf = try TestAuthority().issue(
            names: ["api.example"],
            addresses: [[10, 0, 0, 1], Array(repeating: 0, count: 15) + [1], [1, 2, 3], [10, 0, 0, 1, 255, 0, 0, 0]]
        )
        let names = CertificateNames(
            try #require(try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificate.utf8)).first)
        )
        #expect(names.addresses == [.v4(0x0a00_0001), .v6(0, 1)])
        #expect(names.include("10.0.0.1") && names.include("::1") && names.include("api.example"))
        #expect(!names.include("10.0.0.2") && !names.include("::2") && !names.include("::ffff:10.0.0.1"))
        #expect(names.words == "it is for api.example, 10.0.0.1, [0:0:0:0:0:0:0:1]")
    }

    @Test("the common name is no name")
    func commonName() throws {
        let leaf = try TestAuthority().issue(names: [])
        let names = CertificateNames(
            try #require(try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificate.utf8)).first)
        )
        #expect(!names.include("leaf"))
        #expect(names.words == "it holds no name")
    }
}
