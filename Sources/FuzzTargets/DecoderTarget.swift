/// One decoder of bytes from outside, as something that can be fed with anything.
///
/// Whatever it is fed with, it ends soon, with little memory, and without a trap; and what it promises holds.
public struct DecoderTarget: Sendable {
    /// What it is called: its argument on the command line, and the name of its corpus folder.
    public let name: String
    /// The longest input worth trying, in bytes.
    public let maximumLength: Int
    private let body: @Sendable ([UInt8]) throws -> Void

    /// Creates a target.
    ///
    /// - Parameters:
    ///   - name: lower-case words joined by hyphens.
    ///   - maximumLength: the longest input worth trying, in bytes; default 4 KiB, which most formats are small beside.
    ///   - body: decodes the bytes. That the decoder refuses them is no error; ``BrokenPromise`` is.
    init(_ name: String, maximumLength: Int = 4096, _ body: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.maximumLength = maximumLength
        self.body = body
    }

    /// A decoder of text: input that is no UTF-8 does not reach it.
    static func text(
        _ name: String,
        maximumLength: Int = 1024,
        _ body: @escaping @Sendable (String) throws -> Void
    ) -> DecoderTarget {
        DecoderTarget(name, maximumLength: maximumLength) { bytes in
            if let text = String(validating: bytes, as: UTF8.self) { try body(text) }
        }
    }

    /// Decodes the bytes, and looks whether what came out holds what the decoder promises.
    ///
    /// - Throws: ``BrokenPromise``.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws { try body(Array(bytes)) }
}

/// What a decoder made of its input is not what it promises.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// The promise that does not hold.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Demands that a promise holds.
func demand(_ holds: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(promise()) }
}
