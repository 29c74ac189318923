import ArgumentParser
import Foundation
import TrustResources

/// `playground generate`: writes the files that are made from the sources.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Writes the custom resource definitions, one file for each kind."
    )

    @Option(help: "The folder to write to; it is created if it is missing.")
    var output = "config/crd"

    func run() throws {
        let folder = URL(fileURLWithPath: output, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for definition in CustomResourceDefinitions.definitions {
            let file = folder.appendingPathComponent(definition.fileName)
            try Data(definition.yaml.utf8).write(to: file, options: .atomic)
            print(file.relativePath)
        }
    }
}
