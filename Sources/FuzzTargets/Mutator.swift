import TestTiming

/// Makes inputs out of a corpus: the seeds themselves first, then changed ones without end, always the same for a seed.
public struct Mutator: Sequence, IteratorProtocol {
    private let corpus: [[UInt8]]
    private let maximumLength: Int
    private var random: SeededGenerator
    private var given = 0

    /// Creates a mutator.
    ///
    /// - Parameters:
    ///   - corpus: what it begins with; it may be empty.
    ///   - maximumLength: the longest input, in bytes.
    ///   - seed: what its choices follow from.
    public init(corpus: [[UInt8]], maximumLength: Int, seed: UInt64) {
        self.corpus = corpus.map { Array($0.prefix(maximumLength)) }
        self.maximumLength = maximumLength
        random = SeededGenerator(seed: seed)
    }

    /// The next input; there is always one.
    public mutating func next() -> [UInt8]? {
        defer { given += 1 }
        if given < corpus.count { return corpus[given] }
        var bytes = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        return Array(bytes.prefix(maximumLength))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = Swift.min(bytes.count, place + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = interesting()
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4:
            let other = corpus.randomElement(using: &random) ?? []
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.insert(contentsOf: other[start..<Swift.min(other.count, start + 64)], at: place)
        case 5: bytes.removeSubrange(place...)
        case 6:
            // Deep nesting, and long runs of anything.
            let count = Int.random(in: 1...256, using: &random)
            bytes.insert(contentsOf: repeatElement(interesting(), count: count), at: place)
        default: bytes.insert(interesting(), at: place)
        }
    }

    private static let interesting =
        Array(" \n\r\t\"\\{}[]()<>,;:=+-./@#&*?%!|~0189azAZ".utf8) + [0, 0x30, 0x7F, 0x80, 0xFF]

    private mutating func interesting() -> UInt8 {
        Bool.random(using: &random)
            ? Self.interesting.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
    }
}
