import FoundationEssentials
import SigningTestKit
import TestTiming
import Testing

@testable import SigningFormats

@Suite("Decoding OCSP responses and revocation lists")
struct RevocationDecodingTests {
    /// 1 June 2026.
    private static let now = Date(timeIntervalSince1970: 1_780_272_000)

    private static func authority() throws -> TestCertificate {
        try CertificateRecipe.authority("CA").issue(.shared(.p256, 700))
    }

    private static func response() throws -> [UInt8] {
        var recipe = OCSPRecipe(now: now, status: .revoked(now, reason: 1))
        recipe.invalidityDate = now
        let delegate = try CertificateRecipe.leaf("responder").issue(.shared(.p256, 701), by: authority())
        return try recipe.respond(authority(), delegate: delegate)
    }

    private static func list() throws -> [UInt8] {
        var recipe = RevocationListRecipe(
            now: now,
            entries: (1...5).map { .init($0, at: now, reason: 1, invalidityDate: now) }
        )
        recipe.scope = RevocationListRecipe.scope(places: ["http://crl.example.com"], flags: [1])
        recipe.freshestURLs = ["http://crl.example.com/delta"]
        recipe.baseNumber = 1
        return try recipe.issue(by: authority())
    }

    private static func read(_ bytes: [UInt8], isList: Bool) throws -> Bool {
        let authority = try X509Certificate(der: Self.authority().der)
        if isList {
            let list = try RevocationList(bytes)
            _ = try list.entries(for: [3])
            return list.isSigned(by: authority)
        }
        let response = try OCSPResponse(bytes)
        return response.certificates.contains { response.isSigned(by: $0) && $0.hasValidSignature(from: authority) }
    }

    @Test("Every field is read as it was written")
    func fields() throws {
        let list = try RevocationList(Self.list())
        #expect(list.thisUpdate == Self.now.addingTimeInterval(-86_400))
        #expect(list.nextUpdate == Self.now.addingTimeInterval(6 * 86_400))
        #expect(list.number == [1] && list.baseNumber == [1])
        #expect(list.freshestLists?.urls == ["http://crl.example.com/delta"])
        #expect(list.scope?.places?.urls == ["http://crl.example.com"])
        #expect(list.scope?.isForUsersOnly == true && list.scope?.isForAuthoritiesOnly == false)
        let entry = try #require(try list.entries(for: [3]).first)
        #expect(entry.reason == .keyCompromise && entry.invalidityDate == Self.now && entry.date == Self.now)
        #expect(try list.entries(for: [6]).isEmpty)
        #expect(try list.entries(for: [0, 3]).count == 1)
        let response = try OCSPResponse(Self.response())
        #expect(response.answers.first?.status == .revoked(Self.now, .keyCompromise))
        #expect(response.answers.first?.invalidityDate == Self.now)
        #expect(response.producedAt == Self.now.addingTimeInterval(-3600))
        #expect(response.certificates.count == 1)
    }

    @Test("The request is that of RFC 6960, with SHA-1 as the key to look up by")
    func request() throws {
        let authority = try X509Certificate(der: Self.authority().der)
        var recipe = CertificateRecipe.leaf()
        recipe.serialNumber = 0x80
        let leaf = try X509Certificate(der: recipe.issue(.shared(.p256, 702), by: Self.authority()).der)
        let request = OCSPRequest.der(leaf, issuedBy: authority)
        #expect(request.prefix(8).elementsEqual([0x30, 0x43, 0x30, 0x41, 0x30, 0x3F, 0x30, 0x3D]))
        #expect(request.suffix(4).elementsEqual([0x02, 0x02, 0x00, 0x80]))
    }

    @Test("One altered byte is noticed, or was in nothing that is signed", arguments: [true, false])
    func flips(isList: Bool) throws {
        let original = isList ? try Self.list() : try Self.response()
        #expect(try Self.read(original, isList: isList))
        for index in original.indices {
            for bit in [0, 7] {
                var bytes = original
                bytes[index] ^= 1 << UInt8(bit)
                // A response's certificates and the parameters of its algorithm are outside what is signed; no altered one
                // may be taken for another.
                guard (try? Self.read(bytes, isList: isList)) == true else { continue }
                if isList {
                    Issue.record("byte \(index) bit \(bit) was not noticed")
                } else {
                    let (first, second) = (try OCSPResponse(bytes), try OCSPResponse(original))
                    #expect(first.answers.first?.status == second.answers.first?.status)
                    #expect(first.producedAt == second.producedAt)
                }
            }
        }
    }

    @Test(
        "Cut, lengthened and scrambled bytes end in an error or a signature that does not match",
        arguments: [true, false]
    )
    func mutations(isList: Bool) throws {
        var generator = SeededGenerator(seed: seed())
        func next(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &generator) }
        let original = isList ? try Self.list() : try Self.response()
        for length in 0..<original.count {
            #expect(throws: SigningFormatError.self) {
                _ = try Self.read(Array(original.prefix(length)), isList: isList)
            }
        }
        #expect(throws: SigningFormatError.self) { _ = try Self.read(original + [0], isList: isList) }
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0...next(4) {
                let index = next(bytes.count)
                switch next(4) {
                case 0: bytes[index] = UInt8(next(256))
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(UInt8(next(256)), at: index)
                default:
                    bytes.replaceSubrange(index..<min(bytes.count, index + next(8)), with: [0x84, 0xFF, 0xFF, 0xFF])
                }
            }
            guard bytes != original, isList else {
                _ = try? Self.read(bytes, isList: isList)
                continue
            }
            #expect((try? Self.read(bytes, isList: isList)) != true)
        }
    }

    @Test(
        "Lengths that are not in their shortest form, indefinite or too long are refused",
        arguments: [
            [0x30, 0x80, 0x00, 0x00], [0x30, 0x81, 0x00], [0x30, 0x82, 0x00, 0x01, 0x00],
            [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x30, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], [0x3F, 0x01, 0x00], [0x30], [0x30, 0x01],
        ] as [[UInt8]]
    )
    func lengths(bytes: [UInt8]) {
        #expect(throws: SigningFormatError.self) { _ = try RevocationList(bytes) }
        #expect(throws: SigningFormatError.self) { _ = try OCSPResponse(bytes) }
    }

    @Test("Limits of size hold before anything is read")
    func limits() throws {
        #expect(throws: SigningFormatError.self) { _ = try OCSPResponse([UInt8](repeating: 0x30, count: 20_481)) }
        let large = [UInt8](repeating: 0x30, count: SigningLimits.revocationListBytes + 1)
        do throws(SigningFormatError) {
            _ = try RevocationList(large)
            Issue.record("it was read")
        } catch {
            #expect(error.code == .limitExceeded)
        }
        let many = (0..<17).map { _ in RevocationListRecipe.Entry(7, at: Self.now) }
        let list = try RevocationList(RevocationListRecipe(now: Self.now, entries: many).issue(by: Self.authority()))
        #expect(throws: SigningFormatError.self) { _ = try list.entries(for: [7]) }
    }

    @Test("A list of nearly 32 MiB is walked over without taking as much memory again", .timeLimit(.minutes(5)))
    func large() throws {
        let entry = DERWriter.sequence(
            [0x02, 0x03, 0x01, 0x02, 0x03],
            DERWriter.element(0x17, Array("260501000000Z".utf8)),
            DERWriter.sequence(
                DERWriter.sequence(
                    DERWriter.objectIdentifier("2.5.29.21"),
                    DERWriter.octetString(DERWriter.element(0x0A, [1]))
                )
            )
        )
        let wanted = DERWriter.sequence([0x02, 0x02, 0x12, 0x67], DERWriter.element(0x17, Array("260501000000Z".utf8)))
        let count = (31 << 20) / entry.count
        var entries: [UInt8] = []
        entries.reserveCapacity(count * entry.count + wanted.count)
        for _ in 0..<count { entries += entry }
        entries += wanted
        var recipe = RevocationListRecipe(now: Self.now)
        recipe.rawEntries = entries
        let bytes = try recipe.issue(by: Self.authority())
        entries = []
        recipe.rawEntries = nil
        #expect(bytes.count > 31 << 20)
        // Other tests take memory meanwhile, but a second copy of the list would be taken each time.
        var least = Int.max
        for _ in 0..<5 where least >= 16 << 20 {
            let before = try Self.residentBytes()
            let list = try RevocationList(bytes)
            #expect(try list.isSigned(by: X509Certificate(der: Self.authority().der)))
            #expect(try list.entries(for: [0x12, 0x67]).count == 1)
            least = min(least, try Self.residentBytes() - before)
        }
        #expect(least < 16 << 20, "\(least >> 20) MiB more")
    }

    /// The resident memory of this process.
    private static func residentBytes() throws -> Int {
        let text = String(decoding: try Data(contentsOf: URL(filePath: "/proc/self/statm")), as: UTF8.self)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4096
    }
}
