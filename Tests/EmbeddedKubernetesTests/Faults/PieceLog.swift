import Synchronization

/// Pieces of a body in the order in which they arrived.
final class PieceLog: Sendable {
    private let pieces = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { pieces.withLock { $0 } }
    var text: String { String(decoding: all.flatMap { $0 }, as: UTF8.self) }

    func append(_ piece: [UInt8]) { pieces.withLock { $0.append(piece) } }
}
