import JSONModel

/// One document of a YAML or JSON file.
struct SourceDocument: Sendable {
    /// The file's name.
    let file: String
    /// Its place in the file, from 1.
    let number: Int
    /// Whether the file was named itself, not found in a folder.
    let isFileNamed: Bool
    /// What it says.
    let value: JSONValue
    /// What stands before the path of a field, for a document that is an item of a list: `items[0].`.
    var prefix = ""

    /// `file`, and from the second document on which one.
    var place: String { number > 1 ? "\(file), document \(number)" : file }

    /// The error that `field` of this document has the defect `message`.
    func error(_ field: String, _ message: String) -> InputError {
        InputError(at: InputError.Site(file: file, document: number, field: field), message)
    }
}
