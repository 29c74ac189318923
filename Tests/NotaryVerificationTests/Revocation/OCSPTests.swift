import FoundationEssentials
import NotaryVerification
import SigningTestKit
import Testing
import TrustModel

/// An answer that must not be believed, with what is said of it.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    let respond: @Sendable (RevocationScene) throws -> [UInt8]

    init(_ name: String, _ words: String, answer change: @escaping @Sendable (inout OCSPRecipe) -> Void) {
        self.init(name: name, words: words) { scene in
            var recipe = OCSPRecipe(now: RevocationScene.now)
            change(&recipe)
            return try recipe.respond(scene.authority)
        }
    }

    init(_ name: String, _ words: String, delegate change: @escaping @Sendable (inout CertificateRecipe) -> Void) {
        self.init(name: name, words: words) { scene in
            try OCSPRecipe(now: RevocationScene.now).respond(scene.authority, delegate: scene.delegate(change: change))
        }
    }

    private init(name: String, words: String, respond: @escaping @Sendable (RevocationScene) throws -> [UInt8]) {
        testDescription = name
        self.words = words
        self.respond = respond
    }

    /// An answer of the CA itself.
    static func answer(
        _ name: String,
        _ words: String,
        change: @escaping @Sendable (inout OCSPRecipe) -> Void
    ) -> BadAnswer {
        BadAnswer(name, words, answer: change)
    }

    /// An answer made in any way.
    static func custom(
        _ name: String,
        _ words: String = "that CN=Issuing CA",
        respond: @escaping @Sendable (RevocationScene) throws -> [UInt8]
    ) -> BadAnswer {
        BadAnswer(name: name, words: words, respond: respond)
    }

    private static let now = RevocationScene.now

    static let all: [BadAnswer] = [
        .answer("another serial number", "another certificate") { $0.serialNumber = 4712 },
        .custom("another issuer in the CertID", "another certificate") { scene in
            var recipe = OCSPRecipe(now: now)
            recipe.namedIssuer = scene.root
            return try recipe.respond(scene.authority)
        },
        .answer("an unknown hash in the CertID", "another certificate") { $0.hash = .md5 },
        .answer("no nextUpdate", "how long it holds") { $0.nextUpdate = nil },
        .answer("a nextUpdate that is past", "is past") { $0.nextUpdate = now.addingTimeInterval(-1) },
        .answer("a thisUpdate in the future", "of the future") { $0.thisUpdate = now.addingTimeInterval(301) },
        .answer("a producedAt in the future", "produced in the future") {
            $0.producedAt = now.addingTimeInterval(301)
        },
        .answer("a spoilt signature", "not signed by") { $0.hasBrokenSignature = true },
        .answer("SHA-1", "SHA-1") { $0.signature = .ecdsaSHA1 },
        .answer("another responder's name", "not signed by") { $0.responderName = [0x30, 0x00] },
        .answer("a critical extension of the answer", "critical extension 1.2.3") {
            $0.extensions = [.init("1.2.3", isCritical: true, value: DERWriter.null)]
        },
        .answer("a critical extension of the response", "critical extension 1.2.3") {
            $0.responseExtensions = [.init("1.2.3", isCritical: true, value: DERWriter.null)]
        },
        .answer("tryLater", "tryLater") { $0.responseStatus = 3 },
        .answer("unauthorized", "unauthorized") { $0.responseStatus = 6 },
        BadAnswer("a responder without OCSPSigning", "OCSPSigning", delegate: { $0.extendedKeyUsages = [] }),
        BadAnswer(
            "a responder for anything",
            "OCSPSigning",
            delegate: { $0.extendedKeyUsages = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.3"] }
        ),
        BadAnswer("a responder that may not sign", "digitalSignature", delegate: { $0.keyUsage = [.keyEncipherment] }),
        BadAnswer(
            "a responder that has expired",
            "is valid from",
            delegate: { $0.notAfter = now.addingTimeInterval(-1) }
        ),
        BadAnswer(
            "a responder of tomorrow",
            "is valid from",
            delegate: { $0.notBefore = now.addingTimeInterval(1) }
        ),
        BadAnswer(
            "a responder with an unknown critical extension",
            "critical extension 1.2.3",
            delegate: { $0.extensions.append(.init("1.2.3", isCritical: true, value: DERWriter.null)) }
        ),
        BadAnswer(
            "a responder whose own status has to be asked of it",
            "asked about itself",
            delegate: {
                $0.extensions = []
                $0.ocspURL = RevocationScene.responder
            }
        ),
        .custom("a responder of the root", "that CN=Issuing CA") { scene in
            try OCSPRecipe(now: now).respond(scene.authority, delegate: scene.delegate(by: scene.root))
        },
        .custom("a responder that signed itself") { scene in
            var recipe = CertificateRecipe.leaf("ocsp.example.com")
            recipe.extendedKeyUsages = ["1.3.6.1.5.5.7.3.9"]
            recipe.issuerName = scene.authority.subject
            return try OCSPRecipe(now: now).respond(scene.authority, delegate: recipe.issue(.shared(.p256, 805)))
        },
        .custom("a responder that another signer with OCSPSigning issued") { scene in
            let middle = try scene.delegate()
            return try OCSPRecipe(now: now).respond(scene.authority, delegate: scene.delegate(by: middle))
        },
        .custom("a responder whose certificate is not brought along", "brings no certificate") { scene in
            var recipe = OCSPRecipe(now: now)
            recipe.certificates = []
            return try recipe.respond(scene.authority, delegate: scene.delegate())
        },
        .custom("a signature that the named responder did not make", "does not match") { scene in
            var recipe = OCSPRecipe(now: now)
            let delegate = try scene.delegate()
            recipe.responderName = delegate.subject
            recipe.certificates = [delegate]
            return try recipe.respond(scene.authority, delegate: scene.leaf)
        },
        .custom("the signer's own certificate as responder", "OCSPSigning") { scene in
            try OCSPRecipe(now: now).respond(scene.authority, delegate: scene.leaf)
        },
        .custom("something that is no OCSP", "not the DER") { _ in Array("<html>busy</html>".utf8) },
        .custom("nothing at all", "not the DER") { _ in [] },
        .custom("too many bytes", "bytes") { _ in [UInt8](repeating: 0x30, count: 20_481) },
    ]
}

@Suite("OCSP")
struct OCSPTests {
    private static let now = RevocationScene.now

    @Test(
        "A good answer is good until its nextUpdate, an hour at most, however certificate and responder are named",
        arguments: OCSPRecipe.Hash.allCases.filter { $0 != .md5 },
        [true, false]
    )
    func good(hash: OCSPRecipe.Hash, isByKey: Bool) throws {
        for isDelegated in [true, false] {
            for seconds in [600.0, 86_400] {
                var scene = try RevocationScene(ocsp: true)
                var recipe = OCSPRecipe(now: Self.now)
                recipe.hash = hash
                recipe.isNamedByKey = isByKey
                recipe.nextUpdate = Self.now.addingTimeInterval(seconds)
                let delegate = isDelegated ? try scene.delegate() : nil
                try scene.answer(recipe.respond(scene.authority, delegate: delegate))
                let status = try scene.status()
                #expect(status.kind == "good", "\(status.message)")
                #expect(status.until == Self.now.addingTimeInterval(min(seconds, 3600)))
                #expect(status.message.contains(RevocationScene.responder))
            }
        }
    }

    @Test("Both ends of the time that an answer holds belong to it, with five minutes for clocks that are ahead")
    func bounds() throws {
        var scene = try RevocationScene(ocsp: true)
        var recipe = OCSPRecipe(now: Self.now)
        recipe.thisUpdate = Self.now.addingTimeInterval(300)
        recipe.producedAt = recipe.thisUpdate
        recipe.nextUpdate = recipe.thisUpdate
        try scene.answer(recipe.respond(scene.authority))
        #expect(try scene.status().kind == "good")
        #expect(try scene.status(now: Self.now.addingTimeInterval(300)).kind == "good")
        #expect(try scene.status(now: Self.now.addingTimeInterval(301)).kind == "unavailable")
    }

    @Test("What cannot be believed says nothing, and why is told", arguments: BadAnswer.all)
    func bad(_ example: BadAnswer) throws {
        var scene = try RevocationScene(ocsp: true)
        let bytes = try example.respond(scene)
        try scene.answer(bytes)
        let status = try scene.status()
        #expect(status.kind == "unavailable", "\(status.message)")
        #expect(status.message.contains(example.words), "\(status.message)")
        // A cache can tell as well.
        let request = try #require(scene.evidence.answers.keys.first)
        let isAboutItself = example.words == "asked about itself"
        #expect(try (scene.lookup.end(of: bytes, answering: request, now: Self.now) == nil) != isAboutItself)
    }

    @Test("A revoked certificate is revoked: the message says since when, why, who says so and what to do")
    func revoked() throws {
        var scene = try RevocationScene(ocsp: true)
        let date = Self.now.addingTimeInterval(-86_400)
        let recipe = OCSPRecipe(now: Self.now, status: .revoked(date, reason: 1))
        try scene.answer(recipe.respond(scene.authority))
        let status = try scene.status()
        #expect(status.kind == "revoked")
        #expect(
            status.message
                == "was revoked at 2026-05-31T00:00:00Z (keyCompromise), as OCSP responder http://ocsp.example.com says; "
                + "find out what else was signed with this key, and sign what is good again with another"
        )
        try scene.answer(OCSPRecipe(now: Self.now, status: .revoked(date, reason: 6)).respond(scene.authority))
        #expect(try scene.status().message.contains("is on hold since 2026-05-31T00:00:00Z"))
        try scene.answer(OCSPRecipe(now: Self.now, status: .revoked(date, reason: nil)).respond(scene.authority))
        #expect(try scene.status().message.contains("(unspecified)"))
    }

    @Test(
        "A key that became bad after the authentic signing time did no harm",
        arguments: [(-1.0, true), (0, false), (1, false)]
    )
    func invalidityDate(signedAt: Double, isHarmless: Bool) throws {
        var scene = try RevocationScene(ocsp: true)
        let date = Self.now.addingTimeInterval(-86_400)
        var recipe = OCSPRecipe(now: Self.now, status: .revoked(Self.now.addingTimeInterval(-60), reason: 1))
        recipe.invalidityDate = date
        try scene.answer(recipe.respond(scene.authority))
        // Nobody vouches for the time under notary.x509.
        #expect(try scene.status().kind == "revoked")
        scene.authenticSigningTime = date.addingTimeInterval(signedAt)
        #expect(try scene.status().kind == (isHarmless ? "good" : "revoked"))
        recipe.invalidityDate = nil
        try scene.answer(recipe.respond(scene.authority))
        #expect(try scene.status().kind == "revoked")
    }

    @Test("A certificate that the responder does not know is unknown, which no outage is")
    func unknown() throws {
        var scene = try RevocationScene(ocsp: true)
        try scene.answer(OCSPRecipe(now: Self.now, status: .unknown).respond(scene.authority))
        #expect(try scene.status().kind == "unknown")
    }

    @Test("Responders are asked in order until one answers; what cannot be asked is passed over")
    func order() throws {
        let urls = ["ldap://a.example.com", "https://b.example.com", "http://c.example.com", "http://d.example.com"]
        var scene = try RevocationScene { recipe in
            let access = urls.map {
                DERWriter.sequence(
                    DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1"),
                    DERWriter.element(0x86, Array($0.utf8))
                )
            }
            let value = DERWriter.element(0x30, access.flatMap { $0 })
            recipe.extensions.append(.init("1.3.6.1.5.5.7.1.1", isCritical: false, value: value))
        }
        func next() throws -> [String] {
            guard case .ask(let requests) = try scene.lookup.progress(scene.evidence, now: Self.now) else { return [] }
            return requests.map(\.url)
        }
        #expect(try next() == ["http://c.example.com"])
        try scene.answer([], url: "http://c.example.com")
        #expect(try next() == ["http://d.example.com"])
        try scene.answer(OCSPRecipe(now: Self.now).respond(scene.authority), url: "http://d.example.com")
        #expect(try next().isEmpty)
        #expect(try scene.status().kind == "good")
        // The first answer that can be believed settles it.
        try scene.answer(
            OCSPRecipe(now: Self.now, status: .unknown).respond(scene.authority),
            url: "http://c.example.com"
        )
        #expect(try scene.status().kind == "unknown")
    }

    @Test("A responder that names lists instead of nocheck must be on none of them")
    func delegateOnList() throws {
        var scene = try RevocationScene(ocsp: true)
        let delegate = try scene.delegate { recipe in
            recipe.extensions = []
            recipe.revocationListURL = RevocationScene.list
        }
        try scene.answer(OCSPRecipe(now: Self.now).respond(scene.authority, delegate: delegate))
        let progress = try scene.lookup.progress(scene.evidence, now: Self.now)
        #expect(progress == .ask([.revocationList(url: RevocationScene.list)]))
        var list = RevocationListRecipe(now: Self.now)
        try scene.publish(list)
        #expect(try scene.status().kind == "good")
        list.entries = [.init(99, at: Self.now, reason: 1)]
        try scene.publish(list)
        let status = try scene.status()
        #expect(status.kind == "unavailable" && status.message.contains("the responder"), "\(status.message)")
    }

    @Test("A responder that can be asked about nowhere counts as one that cannot be revoked")
    func delegateWithoutAnything() throws {
        var scene = try RevocationScene(ocsp: true)
        let delegate = try scene.delegate { $0.extensions = [] }
        try scene.answer(OCSPRecipe(now: Self.now).respond(scene.authority, delegate: delegate))
        #expect(try scene.status().kind == "good")
    }

    @Test("An answer past its age counts while no newer one is to be had, and is asked for again within a minute")
    func aged() throws {
        var scene = try RevocationScene(ocsp: true)
        let bytes = try OCSPRecipe(now: Self.now).respond(scene.authority)
        try scene.answer(bytes, receivedAt: Self.now.addingTimeInterval(-7200))
        #expect(try scene.status().until == Self.now.addingTimeInterval(60))
        try scene.answer(bytes, receivedAt: Self.now.addingTimeInterval(-1800))
        #expect(try scene.status().until == Self.now.addingTimeInterval(1800))
    }
}
