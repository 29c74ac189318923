import Testing

/// The check of I6 itself.
@Suite struct MemoryCeilingTests {
    /// What is found at one look after the other; the last stays.
    private static func complaints(_ looks: [Int?], looks patience: Int = 3) async -> [String] {
        let rest = Shared(looks)
        let found = Shared<[String]>([])
        await MemoryCeiling(limit: 1000, looks: patience).watch(
            {},
            inUse: { rest.change { $0.count > 1 ? $0.removeFirst() : $0.first ?? nil } },
            pause: {},
            complain: { words in found.change { $0.append(words) } }
        )
        return found.value
    }

    @Test("a scenario that keeps 200 MB is found out")
    func leak() async throws {
        let kept = Shared<[[UInt8]]>([])
        let found = Shared<[String]>([])
        // Nobody gives such an amount back meanwhile: what others hold for a while is not waited for here.
        try await Chaos.takeTurn(MemoryCeiling(limit: .max)) {
            try await MemoryCeiling(limit: 16 << 10, looks: 0).watch(
                { for _ in 0..<200 { kept.change { $0.append(Array(repeating: 1, count: 1_000_000)) } } },
                complain: { words in found.change { $0.append(words) } }
            )
        }
        #expect(kept.value.count == 200)
        _ = try #require(ResidentMemory.inUse, "/proc/self/status does not say how much memory is in use")
        #expect(found.value.count == 1 && found.value.first?.contains("left in memory") == true)
    }

    @Test("what stays below the ceiling, goes in time, or cannot be measured is no complaint")
    func tolerated() async {
        #expect(await Self.complaints([5000, 6000]).isEmpty)
        #expect(await Self.complaints([5000, 9000, 8000, 5500]).isEmpty)
        #expect(await Self.complaints([5000, 3000]).isEmpty)
        #expect(await Self.complaints([nil]).isEmpty)
    }

    @Test("what stays above the ceiling is complained about once")
    func complained() async {
        #expect(await Self.complaints([5000, 6001]).count == 1)
        #expect(await Self.complaints([5000, 9000, 9000, 9000, 9000, 5000]).count == 1)
    }
}
