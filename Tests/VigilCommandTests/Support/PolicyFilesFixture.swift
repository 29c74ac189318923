@testable import VigilCommand

enum PolicyFilesFixture {
    /// The policies of a text.
    static func set(_ text: String) throws -> PolicySet {
        let file = InputFiles.File(name: "p.yaml", bytes: Array(text.utf8), isNamed: true)
        return try PolicyFiles.read(try DocumentReader.read(file), now: CommandRun.now).policies
    }
}
