import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@Suite("What a signature is about")
struct PayloadTests {
    private func outcome(_ target: String, format: TestSignature.Format = .jws) throws -> SignatureOutcome {
        var scene = try Scene(level: .audit)
        let text =
            target
            .replacing("DIGEST", with: scene.subject.digest.description)
            .replacing("SIZE", with: "\(scene.subject.size)")
        scene.request.payload = Array(text.utf8)
        return try scene.judge(format: format)
    }

    private static let type = "application/vnd.oci.image.manifest.v1+json"

    @Test("The very subject is accepted, also with members that are not defined")
    func accepted() throws {
        #expect(
            try outcome(#"{"targetArtifact":{"mediaType":"\#(Self.type)","digest":"DIGEST","size":SIZE}}"#).verdict
                == .trusted
        )
        let more =
            #"{"targetArtifact":{"mediaType":"\#(Self.type)","digest":"DIGEST","size":SIZE,"annotations":null,"urls":[]},"x":1}"#
        #expect(try outcome(more, format: .cose).verdict == .trusted)
    }

    @Test(
        "Another digest, media type or size is another image, even at level audit",
        arguments: [
            ("\(type)", "sha256:\(String(repeating: "0", count: 64))", "SIZE"), ("\(type)", "DIGEST", "1"),
            ("application/vnd.oci.image.index.v1+json", "DIGEST", "SIZE"), ("\(type);charset=utf-8", "DIGEST", "SIZE"),
            ("Application/vnd.oci.image.manifest.v1+json", "DIGEST", "SIZE"), ("\(type)", "DIGEST ", "SIZE"),
            ("\(type)", "DIGEST@", "SIZE"),
        ]
    )
    func otherImage(mediaType: String, digest: String, size: String) throws {
        for format in TestSignature.Format.allCases {
            let outcome = try outcome(
                #"{"targetArtifact":{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(size)}}"#,
                format: format
            )
            #expect(outcome.verdict == .untrusted)
            #expect(outcome.reason == .signatureInvalid)
        }
    }

    @Test("A digest in upper case is another one")
    func upperCase() throws {
        var scene = try Scene()
        let digest = "sha256:" + scene.subject.digest.hex.uppercased()
        let text =
            #"{"targetArtifact":{"mediaType":"\#(Self.type)","digest":"\#(digest)","size":\#(scene.subject.size)}}"#
        scene.request.payload = Array(text.utf8)
        #expect(try scene.judge().reason == .signatureInvalid)
    }

    @Test("A payload that cannot be read is malformed evidence")
    func malformed() throws {
        let twice =
            #"{"targetArtifact":{"mediaType":"\#(Self.type)","digest":"DIGEST","size":SIZE},"targetArtifact":{}}"#
        for text in ["", "{}", "[]", twice, #"{"targetArtifact":{"digest":"DIGEST","size":SIZE}}"#] {
            #expect(try outcome(text).reason == .evidenceMalformed)
        }
    }

    @Test("Required annotations must be signed with exactly those values")
    func annotations() throws {
        var scene = try Scene()
        scene.trust.requiredAnnotations = ["build": "7", "stage": "prod"]
        for (signed, isAccepted) in [
            (["build": "7", "stage": "prod", "more": "x"], true), (["build": "7"], false),
            (["build": "8", "stage": "prod"], false), ([:], false), (["Build": "7", "stage": "prod"], false),
            (["build": "7", "stage": "prod "], false),
        ] as [([String: String], Bool)] {
            scene.request = SigningRequest(scene.subject, annotations: signed)
            let outcome = try scene.judge()
            #expect(outcome.verdict == (isAccepted ? .trusted : .unknown), "\(signed)")
            #expect(outcome.reason == (isAccepted ? .verified : .noTrustedSignature), "\(signed)")
        }
        // Composed and decomposed letters are equal as Swift strings, but not the same bytes.
        scene.trust.requiredAnnotations = ["name": "\u{E9}"]
        scene.request = SigningRequest(scene.subject, annotations: ["name": "e\u{301}"])
        #expect(try scene.judge().verdict == .unknown)
    }
}
