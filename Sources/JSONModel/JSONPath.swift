/// Names the place of a byte in a document the way people do: `spec.containers[0].image`.
///
/// Meant for the sentence about a failure, after the document was refused: it reads the document once more, so that
/// reading it the first time need not keep track.
public enum JSONPath {
    private enum Step {
        case member(String)
        case element(Int)
    }

    /// The longest path that is given out, in bytes.
    private static let longest = 256

    /// The path of the value at `offset`; empty for the document itself, or where it cannot be followed.
    public static func text(at offset: Int, in bytes: UnsafeRawBufferPointer) -> String {
        var steps: [Step] = []
        // What follows the place is of no interest, and may be no JSON.
        _ = try? JSONReader.read(bytes) { reader in try find(offset, &reader, &steps) }
        var text = ""
        for step in steps {
            switch step {
            case .member(let name): text += text.isEmpty ? name : ".\(name)"
            case .element(let index): text += "[\(index)]"
            }
        }
        return String(text.prefix(longest))
    }

    /// Descends into the member or element that holds `target`, level by level.
    private static func find(_ target: Int, _ reader: inout JSONReader, _ steps: inout [Step]) throws(JSONError) {
        while steps.count < 64 {
            switch try reader.kind() {
            case .object where reader.offset < target:
                guard let name = try member(target, &reader) else { return }
                steps.append(.member(name))
            case .array where reader.offset < target:
                guard let index = try element(target, &reader) else { return }
                steps.append(.element(index))
            default: return
            }
        }
    }

    private static func member(_ target: Int, _ reader: inout JSONReader) throws(JSONError) -> String? {
        try reader.beginObject()
        while let name = try reader.nextMember()?.string {
            let start = reader.offset
            if try holds(target, &reader) {
                reader.offset = start
                return name
            }
        }
        return nil
    }

    private static func element(_ target: Int, _ reader: inout JSONReader) throws(JSONError) -> Int? {
        try reader.beginArray()
        var index = 0
        while try reader.nextElement() {
            let start = reader.offset
            if try holds(target, &reader) {
                reader.offset = start
                return index
            }
            index += 1
        }
        return nil
    }

    /// Whether the next value reaches up to `target`, or breaks off before it ends.
    private static func holds(_ target: Int, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        do {
            try reader.skip()
            return target < reader.offset
        } catch {
            return true
        }
    }
}
