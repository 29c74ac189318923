import JSONModel

@testable import VigilCommand

/// The files that people name on the command line.
enum DocumentTargets {
    static let all = [
        DecoderTarget("yaml", yaml)
    ]

    private static func yaml(_ bytes: [UInt8]) throws {
        let file = InputFiles.File(name: "input.yaml", bytes: bytes, isNamed: true)
        guard let documents = try? DocumentReader.read(file), let text = String(validating: bytes, as: UTF8.self) else {
            return
        }
        let places = SourcePlaces(text)
        var images = ManifestImages()
        for document in documents {
            _ = PolicyDocument(document)
            _ = places.place(of: "spec.authorities[0].name", inDocument: document.number)
            try? images.add(document)
            let written = JSONSerializer().bytes(document.value)
            let limits = JSONLimits(maximumDepth: 512)
            try demand((try? JSONParser(limits: limits).parse(written)) == document.value, "a document is a JSON value")
        }
    }
}
