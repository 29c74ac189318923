import Foundation
import Testing

@testable import FuzzTargets

@Suite("The list of decoders")
struct DecoderCatalogTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/fuzz")

    @Test("every decoder has a name of its own and a folder of seeds, and every folder a decoder")
    func folders() throws {
        let names = DecoderCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        #expect(folders.filter { !$0.hasPrefix(".") }.sorted() == names.sorted())
    }

    @Test("seeds are small, and no longer than what the decoder is fed with")
    func seeds() throws {
        var total = 0
        for target in DecoderCatalog.all {
            let folder = Self.folder.appending(path: target.name)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) {
                let size = try Data(contentsOf: folder.appending(path: name)).count
                total += size
                #expect(size <= target.maximumLength, "\(target.name)/\(name)")
            }
        }
        #expect(total < 300 << 10)
    }

    @Test("a promise that does not hold is told")
    func brokenPromise() {
        let target = DecoderTarget("liar") { try demand($0.count < 3, "inputs are short") }
        #expect(throws: Never.self) { try [UInt8](1...2).withUnsafeBytes { try target.decode($0) } }
        #expect(throws: BrokenPromise.self) { try [UInt8](1...3).withUnsafeBytes { try target.decode($0) } }
        let text = DecoderTarget.text("text") { _ in throw BrokenPromise("always") }
        #expect(throws: Never.self) { try [UInt8(0xFF)].withUnsafeBytes { try text.decode($0) } }
        #expect(throws: BrokenPromise.self) { try [UInt8(0x41)].withUnsafeBytes { try text.decode($0) } }
    }
}
