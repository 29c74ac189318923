import Foundation
import JSONModel
import OCIModel

/// Alters a signature in the registry's storage, as somebody with access to its disk could.
struct SignatureTampering: Sendable {
    let tools: Toolbox

    /// Changes one byte of the envelope of the first signature of `image`; the size stays.
    ///
    /// - Throws: ``DemoError`` when the image has no signature or its bytes cannot be found.
    func alter(_ image: PublishedImage) async throws {
        let tag = image.signed.replacingOccurrences(of: ":", with: "-")
        let index = try await fetch("\(image.repository):\(tag)")
        guard let signature = index["manifests"]?.array?.first?["digest"]?.string else {
            throw DemoError(.unreadable, "\(image.repository):\(tag) lists no signature to alter.")
        }
        let manifest = try await fetch("\(image.repository)@\(signature)")
        guard let layer = manifest["layers"]?.array?.first?["digest"]?.string else {
            throw DemoError(.unreadable, "The signature \(signature) of \(image.repository) has no envelope.")
        }
        let hex = layer.split(separator: ":").last.map(String.init) ?? ""
        let file = tools.folder.registryStorage + "/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
        guard var bytes = FileManager.default.contents(atPath: file), let last = bytes.indices.last else {
            throw DemoError(.unreadable, "The envelope \(layer) is not where the registry keeps its blobs: \(file).")
        }
        let middle = bytes.startIndex + (last - bytes.startIndex) / 2
        bytes[middle] = bytes[middle] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        try bytes.write(to: URL(fileURLWithPath: file))
    }

    private func fetch(_ reference: String) async throws -> JSONValue {
        let text = try await tools.run(.oras, ["manifest", "fetch", "--plain-http", reference])
        do {
            return try JSONParser().parse([UInt8](text.utf8))
        } catch {
            throw DemoError(.unreadable, "The manifest of \(reference) is no JSON: \(error)")
        }
    }
}
