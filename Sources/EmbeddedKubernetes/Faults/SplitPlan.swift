import TestTiming

/// Where a body is cut into the pieces in which it arrives.
public enum SplitPlan: Sendable, Hashable {
    /// Pieces of one size; 1: each byte by itself.
    case every(Int)
    /// Pieces of these sizes in turn, over and over: odd boundaries that fall elsewhere in each event.
    case sizes([Int])
    /// Cuts at these offsets from the body's beginning; the rest arrives as the server wrote it.
    case offsets(Set<Int>)
    /// Pieces of random size up to a limit, from the plan's seed.
    case random(upTo: Int)
}

/// Cuts a body as a plan says, however it comes in.
struct BodySplitter: Sendable {
    let plan: SplitPlan
    private var random: SeededGenerator
    private var position = 0
    private var nextSize = 0

    init(_ plan: SplitPlan, seed: UInt64) {
        self.plan = plan
        random = SeededGenerator(seed: seed)
    }

    /// The pieces of the next part of the body.
    mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let length = min(max(1, nextLength(remaining: bytes.count - start)), bytes.count - start)
            pieces.append(Array(bytes[start..<start + length]))
            start += length
            position += length
        }
        return pieces
    }

    private mutating func nextLength(remaining: Int) -> Int {
        switch plan {
        case .every(let size): return size
        case .sizes(let sizes):
            guard !sizes.isEmpty else { return remaining }
            defer { nextSize = (nextSize + 1) % sizes.count }
            return sizes[nextSize]
        case .offsets(let offsets):
            let next = offsets.filter { $0 > position }.min() ?? Int.max
            return min(next - position, remaining)
        case .random(let limit): return random.next(in: 1...max(1, limit))
        }
    }
}

extension SeededGenerator {
    mutating func next(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// At least 0 and less than 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
