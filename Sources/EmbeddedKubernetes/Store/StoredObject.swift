internal import JSONModel
internal import Synchronization

/// One state of an object as the store holds it: its text, made once for every list and watch that will show it.
///
/// The tree is kept beside the text for objects that arrived as one, while they stand or have stood lately. What was
/// loaded in bulk has text only, and is read again where somebody needs its members: a tree takes ten times the memory.
final class StoredObject: Sendable {
    let apiVersion: String
    let kind: String
    /// The members behind `apiVersion` and `kind`, as JSON without the braces.
    let members: [UInt8]
    private let tree: Mutex<JSONValue?>

    /// Takes an object that a request brought.
    convenience init(_ value: JSONValue) { self.init(value, keepsTree: true) }

    init(_ value: JSONValue, keepsTree: Bool) {
        apiVersion = value["apiVersion"]?.string ?? ""
        kind = value["kind"]?.string ?? ""
        var rest = value.object ?? [:]
        rest["apiVersion"] = nil
        rest["kind"] = nil
        members = Array(JSONSerializer().bytes(.object(rest)).dropFirst().dropLast())
        tree = Mutex(keepsTree ? .some(value) : .none)
    }

    /// The object as a tree.
    var value: JSONValue {
        if let kept = tree.withLock({ $0 }) { return kept }
        var bytes: [UInt8] = []
        append(to: &bytes, apiVersion: apiVersion, kind: kind)
        // The text is this type's own, so that reading it cannot fail.
        return (try? JSONParser().parse(bytes)) ?? [:]
    }

    /// Keeps the text alone: hardly anybody asks any more for the members of what has been replaced.
    func forgetTree() { tree.withLock { $0 = .none } }

    /// Writes the object under the version it was asked for.
    func append(to bytes: inout [UInt8], apiVersion: String, kind: String) {
        bytes.append(contentsOf: #"{"apiVersion":"#.utf8)
        bytes.append(contentsOf: JSONSerializer().bytes(.string(apiVersion)))
        bytes.append(contentsOf: #","kind":"#.utf8)
        bytes.append(contentsOf: JSONSerializer().bytes(.string(kind)))
        if !members.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: members)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes the object as an item of a list of a built-in kind, which names version and kind once for all.
    func appendItem(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        bytes.append(contentsOf: members)
        bytes.append(UInt8(ascii: "}"))
    }
}
