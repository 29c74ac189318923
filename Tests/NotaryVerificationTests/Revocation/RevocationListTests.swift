import FoundationEssentials
import NotaryVerification
import SigningTestKit
import Testing
import TrustModel

/// A list that must not be believed, with what is said of it.
struct BadList: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    let change: @Sendable (inout RevocationListRecipe) -> Void

    init(_ name: String, _ words: String, _ change: @escaping @Sendable (inout RevocationListRecipe) -> Void) {
        testDescription = name
        self.words = words
        self.change = change
    }

    private static let now = RevocationScene.now

    static let all: [BadList] = [
        BadList("a spoilt signature", "not signed by the key") { $0.hasBrokenSignature = true },
        BadList("SHA-1", "SHA-1") { $0.signature = .ecdsaSHA1 },
        BadList("two algorithms", "two different") { $0.innerAlgorithm = CertificateSignature.ecdsaSHA384.identifier },
        BadList("another issuer", "was issued by") { $0.issuerName = CertificateRecipe.encoded([]) },
        BadList("no nextUpdate", "how long it holds") { $0.nextUpdate = nil },
        BadList("a nextUpdate that is past", "is past") { $0.nextUpdate = now.addingTimeInterval(-1) },
        BadList("a thisUpdate in the future", "of the future") { $0.thisUpdate = now.addingTimeInterval(301) },
        BadList("version 1", "version") { $0.version = nil },
        BadList("version 3", "version") { $0.version = 2 },
        BadList("a delta instead of a base", "only changes") { $0.baseNumber = 1 },
        BadList("a delta indicator that is not critical", "critically") {
            $0.baseNumber = 1
            $0.isBaseNumberCritical = false
        },
        BadList("an unknown critical extension", "critical extension 1.2.3") {
            $0.extensions = [.init("1.2.3", isCritical: true, value: DERWriter.null)]
        },
        BadList("an extension twice", "twice") {
            $0.extensions = (0..<2).map { _ in .init("1.2.3", isCritical: false, value: DERWriter.null) }
        },
        BadList("indirectCRL", "indirectCRL") { $0.scope = RevocationListRecipe.scope(flags: [4]) },
        BadList("onlySomeReasons", "some reasons") { $0.scope = RevocationListRecipe.scope(flags: [3]) },
        BadList("onlyContainsAttributeCerts", "attribute") { $0.scope = RevocationListRecipe.scope(flags: [5]) },
        BadList("onlyContainsCACerts", "CAs only") { $0.scope = RevocationListRecipe.scope(flags: [2]) },
        BadList("another part of the CA's certificates", "another list") {
            $0.scope = RevocationListRecipe.scope(places: ["http://crl.example.com/other.crl"])
        },
        BadList("a critical extension of somebody else's entry", "critical extension") {
            var entry = RevocationListRecipe.Entry(1, at: now)
            entry.extensions = [.init("2.5.29.29", isCritical: true, value: DERWriter.null)]
            $0.entries = [entry]
        },
        BadList("entries that are none", "DER") { $0.rawEntries = [0x30, 0x03, 0x02, 0x01] },
        BadList("entries without a date", "date") { $0.rawEntries = [0x30, 0x03, 0x02, 0x01, 0x01] },
    ]
}

@Suite("Revocation lists")
struct RevocationListTests {
    private static let now = RevocationScene.now
    private static let serial = 4711

    private func scene(_ recipe: RevocationListRecipe, freshest: Bool = false) throws -> RevocationScene {
        var scene = try RevocationScene(lists: [RevocationScene.list]) { certificate in
            guard freshest else { return }
            let value = CertificateRecipe.distributionPoints([RevocationScene.delta])
            certificate.extensions.append(.init("2.5.29.46", isCritical: false, value: value))
        }
        try scene.publish(recipe)
        return scene
    }

    @Test("A list without the certificate is good until its nextUpdate, an hour at most", arguments: [600.0, 86_400])
    func good(seconds: Double) throws {
        var recipe = RevocationListRecipe(
            now: Self.now,
            entries: [.init(1, at: Self.now), .init(47_110, at: Self.now)]
        )
        recipe.nextUpdate = Self.now.addingTimeInterval(seconds)
        let status = try scene(recipe).status()
        #expect(status.kind == "good", "\(status.message)")
        #expect(status.until == Self.now.addingTimeInterval(min(seconds, 3600)))
    }

    @Test("What a list is about may be narrowed to certificates such as this one")
    func scopes() throws {
        var recipe = RevocationListRecipe(now: Self.now)
        for (places, flags) in [([], [1]), ([RevocationScene.list], []), ([RevocationScene.list, "http://x"], [1])]
            as [([String], [UInt8])]
        {
            recipe.scope = RevocationListRecipe.scope(places: places, flags: flags)
            #expect(try scene(recipe).status().kind == "good")
        }
    }

    @Test("A list for end entities says nothing about a CA")
    func authorities() throws {
        let root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 800))
        var middle = CertificateRecipe.authority("CA")
        middle.revocationListURL = RevocationScene.list
        let authority = try middle.issue(.shared(.p256, 801), by: root)
        let leaf = try CertificateRecipe.leaf().issue(.shared(.p256, 802), by: authority)
        for (flags, isGood) in [([1], false), ([2], true), ([], true)] as [([UInt8], Bool)] {
            var recipe = RevocationListRecipe(now: Self.now)
            recipe.scope = flags.isEmpty ? nil : RevocationListRecipe.scope(flags: flags)
            var scene = try Scene(chain: TestChain([leaf, authority, root]))
            scene.trust.trustStores = [TrustStore(kind: .ca, name: "acme", certificates: [root.der])]
            let answer = RevocationAnswer.bytes(try recipe.issue(by: root), receivedAt: Self.now)
            let outcome = try scene.examine().conclude(
                with: RevocationEvidence([.revocationList(url: RevocationScene.list): answer])
            )
            #expect(outcome.reason == (isGood ? .verified : .revocationUnavailable), "\(outcome.message)")
        }
    }

    @Test("What cannot be believed says nothing, and why is told", arguments: BadList.all)
    func bad(_ example: BadList) throws {
        var recipe = RevocationListRecipe(now: Self.now)
        example.change(&recipe)
        let scene = try scene(recipe)
        let status = try scene.status()
        #expect(status.kind == "unavailable", "\(status.message)")
        #expect(status.message.contains(example.words), "\(status.message)")
    }

    @Test("A CA whose certificate does not let it sign lists has signed none")
    func keyUsage() throws {
        var scene = try RevocationScene(lists: [RevocationScene.list], mayCASignLists: false)
        try scene.publish(RevocationListRecipe(now: Self.now))
        let status = try scene.status()
        #expect(status.kind == "unavailable" && status.message.contains("cRLSign"))
    }

    @Test(
        "A certificate on the list is revoked, whatever the reason",
        arguments: [nil, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 99] as [UInt8?]
    )
    func revoked(reason: UInt8?) throws {
        let entry = RevocationListRecipe.Entry(Self.serial, at: Self.now.addingTimeInterval(-60), reason: reason)
        let others = (1...20).map { RevocationListRecipe.Entry($0, at: Self.now) }
        let status = try scene(RevocationListRecipe(now: Self.now, entries: others + [entry] + others)).status()
        #expect(status.kind == "revoked", "\(status.message)")
        #expect(status.message.contains("2026-05-31T23:59:00Z") && status.message.contains(RevocationScene.list))
    }

    @Test(
        "removeFromCRL releases a hold if it is the later of the two",
        arguments: [(-1.0, false), (0, false), (1, true)]
    )
    func released(after seconds: Double, isReleased: Bool) throws {
        let hold = RevocationListRecipe.Entry(Self.serial, at: Self.now.addingTimeInterval(-600), reason: 6)
        let release = RevocationListRecipe.Entry(
            Self.serial,
            at: Self.now.addingTimeInterval(-600 + seconds),
            reason: 8
        )
        var base = RevocationListRecipe(now: Self.now, entries: [hold])
        base.freshestURLs = [RevocationScene.delta]
        var delta = RevocationListRecipe(now: Self.now, entries: [release])
        (delta.number, delta.baseNumber) = (2, 1)
        var scene = try scene(base)
        try scene.publish(delta, url: RevocationScene.delta)
        #expect(try scene.status().kind == (isReleased ? "good" : "revoked"))
        // For good is for good.
        base.entries.append(.init(Self.serial, at: Self.now.addingTimeInterval(-900), reason: 1))
        try scene.publish(base)
        #expect(try scene.status().kind == "revoked")
    }

    @Test("A key that became bad after the authentic signing time did no harm", arguments: [(-1.0, true), (0, false)])
    func invalidityDate(signedAt: Double, isHarmless: Bool) throws {
        let date = Self.now.addingTimeInterval(-86_400)
        for reason in [1, 6] as [UInt8] {
            let entry = RevocationListRecipe.Entry(Self.serial, at: Self.now, reason: reason, invalidityDate: date)
            var scene = try scene(RevocationListRecipe(now: Self.now, entries: [entry]))
            #expect(try scene.status().kind == "revoked")
            scene.authenticSigningTime = date.addingTimeInterval(signedAt)
            #expect(try scene.status().kind == (isHarmless ? "good" : "revoked"))
        }
    }

    @Test("Every list counts: one that is missing leaves it open, one with the certificate settles it")
    func several() throws {
        let urls = ["http://a.example.com/1", "http://b.example.com/2"]
        var scene = try RevocationScene(lists: urls)
        let progress = try scene.lookup.progress(scene.evidence, now: Self.now)
        #expect(progress == .ask(urls.map { .revocationList(url: $0) }))
        try scene.publish(RevocationListRecipe(now: Self.now), url: urls[0])
        scene.evidence.answers[.revocationList(url: urls[1])] = .failure("it is down")
        let status = try scene.status()
        #expect(status.kind == "unavailable" && status.message.contains("it is down"))
        try scene.publish(RevocationListRecipe(now: Self.now), url: urls[1])
        #expect(try scene.status().kind == "good")
        scene.evidence.answers[.revocationList(url: urls[0])] = .failure("it is down")
        try scene.publish(
            RevocationListRecipe(now: Self.now, entries: [.init(Self.serial, at: Self.now)]),
            url: urls[1]
        )
        #expect(try scene.status().kind == "revoked")
    }

    @Test(
        "A list that is no http URL leaves it open",
        arguments: ["ldap://a", "https://a/b", "file:///etc/passwd", "x"]
    )
    func schemes(url: String) throws {
        let scene = try RevocationScene(lists: [url])
        guard case .settled(.unavailable) = try scene.lookup.progress(scene.evidence, now: Self.now) else {
            Issue.record("\(url) was to be asked")
            return
        }
    }

    // MARK: - Deltas

    private func withDelta(
        _ change: (inout RevocationListRecipe) -> Void = { _ in },
        base changeBase: (inout RevocationListRecipe) -> Void = { _ in }
    ) throws -> RevocationStatus {
        var base = RevocationListRecipe(now: Self.now)
        base.number = 10
        base.freshestURLs = [RevocationScene.delta]
        changeBase(&base)
        var delta = RevocationListRecipe(now: Self.now)
        (delta.number, delta.baseNumber) = (12, 10)
        change(&delta)
        var scene = try scene(base)
        try scene.publish(delta, url: RevocationScene.delta)
        return try scene.status()
    }

    @Test("A delta list is asked for where the base list names one, and what is on it is revoked")
    func deltas() throws {
        #expect(try withDelta().kind == "good")
        #expect(try withDelta { $0.baseNumber = 9 }.kind == "good")
        #expect(try withDelta { $0.entries = [.init(Self.serial, at: Self.now)] }.kind == "revoked")
        let end = Self.now.addingTimeInterval(60)
        #expect(try withDelta { $0.nextUpdate = end }.until == end)
        var base = RevocationListRecipe(now: Self.now)
        base.freshestURLs = [RevocationScene.delta]
        let scene = try scene(base)
        let progress = try scene.lookup.progress(scene.evidence, now: Self.now)
        #expect(progress == .ask([.revocationList(url: RevocationScene.delta)]))
    }

    @Test("A delta list that does not fit leaves it open")
    func unfitDeltas() throws {
        let changes: [(String, (inout RevocationListRecipe) -> Void)] = [
            ("not newer", { $0.number = 10 }), ("not newer", { $0.number = 9 }),
            ("newer list", { $0.baseNumber = 11 }), ("no number", { $0.number = nil }),
            ("not a delta", { $0.baseNumber = nil }), ("not signed", { $0.hasBrokenSignature = true }),
            ("is past", { $0.nextUpdate = Self.now.addingTimeInterval(-1) }),
            ("other certificates", { $0.scope = RevocationListRecipe.scope(flags: [1]) }),
            ("was issued by", { $0.issuerName = CertificateRecipe.encoded([]) }),
        ]
        for (words, change) in changes {
            let status = try withDelta(change)
            #expect(status.kind == "unavailable", "\(status.message)")
            #expect(status.message.contains(words), "\(status.message)")
        }
        #expect(try withDelta(base: { $0.number = nil }).kind == "unavailable")
        #expect(try withDelta({ $0.number = 299 }, base: { $0.number = 300 }).kind == "unavailable")
    }

    @Test("Delta lists are tried in order; what the base list has counts all the same")
    func deltaOrder() throws {
        var base = RevocationListRecipe(now: Self.now)
        base.freshestURLs = ["ldap://x", "http://first.example.com", RevocationScene.delta]
        var scene = try scene(base)
        scene.evidence.answers[.revocationList(url: "http://first.example.com")] = .failure("it is down")
        scene.evidence.answers[.revocationList(url: RevocationScene.delta)] = .failure("this too")
        #expect(try scene.status().kind == "unavailable")
        var delta = RevocationListRecipe(now: Self.now)
        (delta.number, delta.baseNumber) = (2, 1)
        try scene.publish(delta, url: RevocationScene.delta)
        #expect(try scene.status().kind == "good")
    }

    @Test("A delta list that only the certificate names, and one without any list, leave it open")
    func freshestInCertificate() throws {
        #expect(try scene(RevocationListRecipe(now: Self.now), freshest: true).status().kind == "unavailable")
        let value = CertificateRecipe.distributionPoints([RevocationScene.delta])
        let lone = try RevocationScene { recipe in
            recipe.extensions.append(.init("2.5.29.46", isCritical: false, value: value))
        }
        #expect(try lone.status().kind == "unavailable")
    }

    @Test("A place without a name, or whose list another issuer signs, leaves it open")
    func unusablePlaces() throws {
        let url = DERWriter.tagged(0, DERWriter.tagged(0, DERWriter.element(0x86, Array(RevocationScene.list.utf8))))
        let points = [
            DERWriter.sequence(url, DERWriter.tagged(2, DERWriter.element(0xA4, CertificateRecipe.encoded([])))),
            DERWriter.sequence([]),
        ]
        for point in points {
            var scene = try RevocationScene { recipe in
                let value = DERWriter.sequence(DERWriter.sequence(url), point)
                recipe.extensions.append(.init("2.5.29.31", isCritical: false, value: value))
            }
            try scene.publish(RevocationListRecipe(now: Self.now))
            #expect(try scene.status().kind == "unavailable")
        }
    }
}
