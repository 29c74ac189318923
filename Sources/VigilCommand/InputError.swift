/// Why an input cannot be used: which one, where in it, and what to do about it.
public struct InputError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in a file something is wrong.
    struct Site: Sendable, Hashable {
        /// The file's name.
        var file: String
        /// The document in it, from 1, where the field is known.
        var document: Int?
        /// The line, from 1, where it is known.
        var line: Int?
        /// The column, from 1, where it is known.
        var column: Int?
        /// The field, where the file could be read.
        var field: String?
    }

    /// One sentence without a full stop, without the name of the program.
    public let message: String
    /// Where in a file, for those who write that in a form of their own.
    let site: Site?
    /// ``message`` without the place.
    let detail: String

    /// Creates an error.
    public init(_ message: String) {
        self.message = message
        site = nil
        detail = message
    }

    /// Creates an error at a place in a file.
    init(at site: Site, _ detail: String) {
        let place: String
        switch (site.line, site.document, site.field) {
        case (.some(let line), _, _): place = "\(site.file):\(line)"
        case (nil, .some(let document), .some(let field)): place = "\(site.file), document \(document), \(field)"
        case (nil, _, .some(let field)): place = "\(site.file), \(field)"
        case (nil, _, nil): place = site.file
        }
        message = "\(place): \(detail)"
        self.site = site
        self.detail = detail
    }

    /// Errors are equal when they say the same.
    public static func == (left: InputError, right: InputError) -> Bool { left.message == right.message }

    /// Hashes what it says.
    public func hash(into hasher: inout Hasher) { hasher.combine(message) }

    /// The sentence.
    public var description: String { message }
}
