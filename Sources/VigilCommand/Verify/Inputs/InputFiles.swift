import FoundationEssentials

/// The files that an argument `FILE|DIR|-` stands for.
struct InputFiles: Sendable {
    /// One file, read.
    struct File: Sendable, Hashable {
        /// The name people know it by: its path, or `standard input`.
        var name: String
        var bytes: [UInt8]
        /// Whether it was named itself, not found in a folder.
        var isNamed: Bool
    }

    /// The extensions that are read in folders.
    static let extensions = [".yaml", ".yml", ".json"]

    /// Reads standard input up to a limit.
    var standardInput: @Sendable (_ limit: Int) throws(InputError) -> [UInt8]

    /// Reads what `argument` stands for: a file, every YAML and JSON file below a folder in order of their paths, or
    /// standard input.
    ///
    /// Entries whose name begins with a dot are left out, and folders behind symbolic links are not entered, so that
    /// neither `.git` nor a volume's `..data` is read, and no loop is walked.
    ///
    /// - Throws: ``InputError`` naming the path.
    func read(_ argument: String) throws(InputError) -> [File] {
        if argument == "-" {
            return [File(name: "standard input", bytes: try standardInput(InputLimits.fileBytes), isNamed: true)]
        }
        switch BoundedFile.kindFollowingLinks(of: argument) {
        case .missing: throw InputError("\(argument): there is no such file or folder")
        case .folder:
            var paths: [String] = []
            try collect(argument.hasSuffix("/") ? String(argument.dropLast()) : argument, depth: 0, into: &paths)
            guard !paths.isEmpty else {
                throw InputError("\(argument): this folder holds no file that ends in .yaml, .yml or .json")
            }
            var files: [File] = []
            var total = 0
            for path in paths {
                let bytes = try BoundedFile.read(path, limit: InputLimits.fileBytes)
                total += bytes.count
                guard total <= InputLimits.folderBytes else {
                    throw InputError(
                        "\(argument): its files are larger than \(InputLimits.folderBytes >> 20) MiB together; name a smaller "
                            + "folder"
                    )
                }
                files.append(File(name: path, bytes: bytes, isNamed: false))
            }
            return files
        default:
            let bytes = try BoundedFile.read(argument, limit: InputLimits.fileBytes)
            return [File(name: argument, bytes: bytes, isNamed: true)]
        }
    }

    private func collect(_ folder: String, depth: Int, into paths: inout [String]) throws(InputError) {
        guard depth <= InputLimits.folderDepth else {
            throw InputError("\(folder): folders are nested deeper than \(InputLimits.folderDepth) levels")
        }
        for name in try Self.entries(of: folder) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            switch BoundedFile.kind(of: path) {
            case .folder:
                try collect(path, depth: depth + 1, into: &paths)
            case .regular, .symbolicLink:
                guard Self.extensions.contains(where: name.hasSuffix) else { continue }
                guard BoundedFile.kindFollowingLinks(of: path) == .regular else { continue }
                guard paths.count < InputLimits.files else {
                    throw InputError(
                        "\(folder): more than \(InputLimits.files) files are to be read; name a smaller folder"
                    )
                }
                paths.append(path)
            case .missing, .other: continue
            }
        }
    }

    /// The names in a folder, in order of their bytes.
    static func entries(of folder: String) throws(InputError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw InputError("\(folder): this folder cannot be listed; check who may read it")
        }
    }
}
