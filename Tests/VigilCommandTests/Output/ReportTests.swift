import FoundationEssentials
import JSONModel
import OCIModel
import Testing
import TrustModel

@testable import VigilCommand

@Suite("Reports")
struct ReportTests {
    private static let policy = PolicyName(kind: .trustPolicy, namespace: "shop", name: "shop")
    private static let digest = Digest.of(Array("image".utf8))

    private func image(
        _ text: String,
        _ verdict: Verdict,
        _ reason: Reason,
        _ message: String,
        signer: String? = nil,
        warnings: [String] = [],
        sources: [ImageSource] = []
    ) -> VerifiedImage {
        let finding = Finding(
            policy: Self.policy,
            authority: "release",
            verdict: verdict,
            reason: reason,
            message: message,
            signer: signer,
            algorithm: signer == nil ? nil : "PS256",
            evidence: signer == nil ? nil : Self.digest,
            subject: Self.digest,
            signedAt: signer == nil ? nil : Date(timeIntervalSince1970: 1_767_225_600),
            validUntil: signer == nil ? nil : Date(timeIntervalSince1970: 2_051_222_400),
            warnings: warnings
        )
        let judgement = PolicyJudgement(
            policy: Self.policy,
            verdict: verdict,
            reason: reason,
            message: message,
            findings: [finding],
            validUntil: finding.validUntil
        )
        let unread = OCIError(.invalidReference, "not read by reports")
        return VerifiedImage(
            target: VerificationTarget(text: text, reference: .failure(unread), policies: [], sources: sources),
            judgement: ImageJudgement(combining: [judgement], digest: reason == .imageNotFound ? nil : Self.digest)
        )
    }

    private var report: VerificationReport {
        let source = ImageSource(
            file: "web.yaml",
            document: 2,
            kind: "Deployment",
            namespace: "shop",
            name: "web",
            container: "main",
            podLabels: [:]
        )
        return VerificationReport(images: [
            image(
                "registry.example.com/shop/web:v1",
                .trusted,
                .verified,
                "signed well",
                signer: "CN=signer,O=Example",
                sources: [source]
            ),
            image(
                "registry.example.com/shop/old:v1",
                .trusted,
                .verified,
                "signed",
                signer: "CN=signer",
                warnings: ["expired"]
            ),
            image(
                "registry.example.com/shop/bad:v1",
                .untrusted,
                .signatureInvalid,
                "signature was altered",
                sources: [source, source]
            ),
            image("nginx", .unknown, .skippedByPolicy, "not verified: level skip"),
            image("gone", .unknown, .imageNotFound, "gone does not exist"),
            image("down", .unknown, .registryUnreachable, "down cannot be reached"),
        ])
    }

    private func table(_ profile: TerminalProfile = .pipe, verbose: Bool = false, quiet: Bool = false) -> String {
        ReportTable(profile: profile, isVerbose: verbose, isQuiet: quiet).text(report)
    }

    @Test("the table tells each image's verdict, and below it why it is not trusted")
    func golden() {
        #expect(
            table() == """
                IMAGE                             DIGEST               VERDICT    REASON               SIGNER
                registry.example.com/shop/web:v1  sha256:6105d6cc76af  Trusted    Verified             CN=signer,O=Example
                registry.example.com/shop/old:v1  sha256:6105d6cc76af  Trusted    Verified             CN=signer
                    warning: expired
                registry.example.com/shop/bad:v1  sha256:6105d6cc76af  Untrusted  SignatureInvalid     -
                    signature was altered
                    used by Deployment shop/web, container main, in web.yaml, and 1 more
                nginx                             sha256:6105d6cc76af  Skipped    SkippedByPolicy      -
                    not verified: level skip
                gone                              -                    Unknown    ImageNotFound        -
                    gone does not exist
                down                              sha256:6105d6cc76af  Unknown    RegistryUnreachable  -
                    down cannot be reached

                6 images: 2 trusted, 1 untrusted, 2 unknown, 1 skipped by policy (1 of them because a service could not be asked)

                """
        )
    }

    @Test("quiet shows only what is not trusted, and nothing at all if everything is")
    func quiet() {
        let text = table(quiet: true)
        #expect(
            text.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map { $0.prefix(8) } == [
                "IMAGE   ", "registry", "gone    ", "down    ",
            ]
        )
        #expect(!text.contains("6 images"))
        let trusted = VerificationReport(images: Array(report.images.prefix(2)))
        #expect(ReportTable(profile: .pipe, isVerbose: false, isQuiet: true).text(trusted).isEmpty)
    }

    @Test("verbose tells the whole digest, the reason for trust and every place")
    func verbose() {
        let text = table(verbose: true)
        #expect(
            text.contains(
                "    signed well\n    digest \(Self.digest)\n    used by Deployment shop/web, container main, in web.yaml\n"
            )
        )
    }

    @Test(
        "on a narrow terminal names are shortened in the middle and sentences wrapped; verdicts never",
        arguments: [60, 80, 100]
    )
    func narrow(columns: Int) {
        let profile = TerminalProfile(isInteractive: true, allowsColour: false, columns: columns)
        let lines = table(profile).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("regis") }
        #expect(rows.count == 3)
        #expect(rows.allSatisfy { $0.contains("rusted ") })
        if columns >= 100 { #expect(lines.dropLast().allSatisfy { TerminalText.width(String($0)) <= columns }) }
        #expect(lines.filter { $0.hasPrefix("    ") }.allSatisfy { TerminalText.width(String($0)) <= columns })
        #expect(rows.allSatisfy { $0.contains("…") })
    }

    @Test("only the words of verdicts are coloured, and only where colours are wanted")
    func colours() {
        let profile = TerminalProfile(isInteractive: true, allowsColour: true, columns: 200)
        let text = table(profile)
        #expect(text.contains("\u{1B}[32mTrusted\u{1B}[0m    Verified"))
        #expect(text.contains("\u{1B}[31mUntrusted\u{1B}[0m"))
        #expect(text.contains("\u{1B}[2mSkipped\u{1B}[0m"))
        #expect(text.split(separator: "\u{1B}").count == 6 * 2 + 1)
        #expect(!table().contains("\u{1B}"))
    }

    @Test("what others wrote cannot steer the terminal")
    func hostileText() {
        let hostile = "x\u{1B}[2J\u{202E}\ny"
        let report = VerificationReport(images: [
            image(hostile, .untrusted, .signatureInvalid, hostile, signer: hostile)
        ])
        let text = ReportTable(profile: .pipe, isVerbose: true, isQuiet: false).text(report)
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\u{202E}"))
        #expect(text.contains("x\\u{1b}[2J\\u{202e}\\u{a}y"))
        let document = ReportDocument.json(report)
        #expect(!document.contains("\u{1B}") && !document.contains("\u{202E}"))
        #expect(document.contains(#"x\u001b[2J\u202e\ny"#))
    }

    @Test("the JSON document has its documented shape, unknown members as null")
    func json() throws {
        let report = VerificationReport(images: [report.images[0], report.images[4]])
        let value = try JSONParser().parse(ReportDocument.json(report).utf8)
        let digest = JSONValue.string(Self.digest.description)
        #expect(
            value == [
                "bundle": nil,
                "images": [
                    [
                        "image": "registry.example.com/shop/web:v1", "digest": digest, "verifiedDigest": digest,
                        "verifiedManifest": nil,
                        "verdict": "Trusted", "reason": "Verified", "message": "signed well", "skipped": false,
                        "validUntil": "2035-01-01T00:00:00Z",
                        "findings": [
                            [
                                "policy": "TrustPolicy/shop/shop", "authority": "release", "verdict": "Trusted",
                                "reason": "Verified", "message": "signed well", "signer": "CN=signer,O=Example",
                                "algorithm": "PS256", "evidence": digest, "subject": digest,
                                "signedAt": "2026-01-01T00:00:00Z",
                                "expiresAt": nil, "validUntil": "2035-01-01T00:00:00Z", "warnings": [],
                            ]
                        ],
                        "sources": [
                            [
                                "file": "web.yaml", "document": 2, "kind": "Deployment", "namespace": "shop",
                                "name": "web",
                                "container": "main",
                            ]
                        ],
                    ],
                    [
                        "image": "gone", "digest": nil, "verifiedDigest": digest, "verifiedManifest": nil,
                        "verdict": "Unknown",
                        "reason": "ImageNotFound", "message": "gone does not exist", "skipped": false,
                        "validUntil": nil,
                        "findings": [
                            [
                                "policy": "TrustPolicy/shop/shop", "authority": "release", "verdict": "Unknown",
                                "reason": "ImageNotFound", "message": "gone does not exist", "signer": nil,
                                "algorithm": nil,
                                "evidence": nil, "subject": digest, "signedAt": nil, "expiresAt": nil,
                                "validUntil": nil,
                                "warnings": [],
                            ]
                        ],
                        "sources": [],
                    ],
                ],
                "summary": [
                    "images": 2, "trusted": 1, "untrusted": 0, "unsupported": 0, "unknown": 1, "skipped": 0,
                    "exitStatus": 1,
                ],
            ]
        )
    }

    @Test("the YAML document says the same as the JSON document")
    func yaml() throws {
        let text = ReportDocument.yaml(report)
        let file = InputFiles.File(name: "r.yaml", bytes: Array(text.utf8), isNamed: true)
        #expect(
            try DocumentReader.read(file).map(\.value) == [try JSONParser().parse(ReportDocument.json(report).utf8)]
        )
    }

    @Test("a rejected image outweighs an outage, an outage outweighs trust, skipping is no failure")
    func exitStatus() {
        let images = report.images
        #expect(report.exitStatus == .notTrusted)
        #expect(VerificationReport(images: [images[0], images[1], images[3]]).exitStatus == .success)
        #expect(VerificationReport(images: [images[0], images[5]]).exitStatus == .unavailable)
        #expect(VerificationReport(images: [images[5], images[4]]).exitStatus == .notTrusted)
    }
}
