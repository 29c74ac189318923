import Foundation

/// The one folder that a demo writes to, inside the build folder, and how it is laid out.
struct DemoFolder: Sendable {
    /// The checkout.
    let checkout: String
    /// The folder, absolute.
    let path: String

    init(checkout: String) {
        self.checkout = checkout
        self.path = checkout + "/.build/demo"
    }

    var logs: String { path + "/log" }
    var home: String { path + "/home" }
    var registryStorage: String { path + "/registry" }
    var images: String { path + "/images" }
    var keys: String { path + "/keys" }
    var manifests: String { path + "/manifests" }
    var kubeconfig: String { path + "/kubeconfig" }
    var environmentScript: String { path + "/env" }
    /// Beside the folder, so that it survives the folder's removal.
    var lock: String { checkout + "/.build/demo.lock" }
    /// The processes of the run, for a later run to end if this one was killed outright.
    var processes: String { checkout + "/.build/demo.processes" }
    var samples: String { checkout + "/config/samples" }
    var definitions: String { checkout + "/config/crd" }

    /// Removes what an earlier run left and creates the folders.
    func prepare() throws {
        let files = FileManager.default
        if files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
        for folder in [logs, home + "/.docker", registryStorage, images, keys, manifests] {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// Writes a file below the folder; `name` may contain folders that exist.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try write([UInt8](text.utf8), to: name)
    }

    /// Writes a file below the folder; `name` may contain folders that exist.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }

    /// The text of a file below the folder.
    func read(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    /// The last lines of a log, none if there is none.
    func tail(ofLog name: String, lines: Int = 12) -> [String] {
        let text = (try? String(contentsOfFile: "\(logs)/\(name).log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).map(String.init)
    }

    /// The nearest folder at or above one of `starts` that holds a `Package.swift`.
    static func checkout(startingAt starts: [String]) -> String? {
        for start in starts {
            var folder = URL(fileURLWithPath: start).standardizedFileURL.path
            while folder != "/" && !folder.isEmpty {
                if FileManager.default.fileExists(atPath: folder + "/Package.swift") { return folder }
                folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            }
        }
        return nil
    }
}
