import Testing

@testable import VigilCommand

@Suite("Files that arguments stand for")
struct InputFilesTests {
    private let files = InputFiles { limit throws(InputError) in
        guard limit >= 5 else { throw InputError("standard input is too large") }
        return Array("a: 1\n".utf8)
    }

    private func names(_ folder: TemporaryFolder, _ argument: String) throws -> [String] {
        try files.read("\(folder.path)/\(argument)").map { $0.name.replacing(folder.path, with: "DIR") }
    }

    @Test("a folder stands for the YAML and JSON files below it, in order of their paths")
    func folder() throws {
        let folder = try TemporaryFolder()
        for name in ["m/b.yaml", "m/a/z.yml", "m/c.json", "m/readme.md", "m/.hidden.yaml", "m/.git/x.yaml", "m/yaml"] {
            try folder.write(name, "a: 1\n")
        }
        #expect(try names(folder, "m") == ["DIR/m/a/z.yml", "DIR/m/b.yaml", "DIR/m/c.json"])
        #expect(try names(folder, "m/") == ["DIR/m/a/z.yml", "DIR/m/b.yaml", "DIR/m/c.json"])
    }

    @Test("links to files are followed, links to folders and links that lead nowhere are not")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write("m/..data/a.yaml", "a: 1\n")
        try folder.link("m/a.yaml", to: "..data/a.yaml")
        try folder.link("m/loop.yaml", to: ".")
        try folder.link("m/loop", to: "..")
        try folder.link("m/gone.yaml", to: "nowhere")
        #expect(try names(folder, "m") == ["DIR/m/a.yaml"])
    }

    @Test("a file is read whatever its name, and one in a folder is told from one that was named")
    func file() throws {
        let folder = try TemporaryFolder()
        try folder.write("m/a.yaml", "x: 1\n")
        try folder.write("m/manifest", "x: 1\n")
        #expect(try files.read("\(folder.path)/m/manifest").map(\.isNamed) == [true])
        #expect(try files.read("\(folder.path)/m").map(\.isNamed) == [false])
        #expect(
            try files.read("-") == [InputFiles.File(name: "standard input", bytes: Array("a: 1\n".utf8), isNamed: true)]
        )
    }

    @Test("what is missing, empty or too large is refused with its path")
    func refusals() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("empty")
        try folder.write("big.yaml", [UInt8](repeating: 0x20, count: InputLimits.fileBytes + 1))
        #expect(throws: InputError("\(folder.path)/none: there is no such file or folder")) {
            try names(folder, "none")
        }
        #expect(throws: InputError("\(folder.path)/empty: this folder holds no file that ends in .yaml, .yml or .json"))
        {
            try names(folder, "empty")
        }
        #expect(
            throws: InputError("\(folder.path)/big.yaml: is larger than 8388608 bytes, which is the most that is read")
        ) {
            try names(folder, "big.yaml")
        }
    }
}
