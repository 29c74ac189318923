#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Reads files up to a limit, whatever their size claims to be.
enum BoundedFile {
    /// What lies at a path, without following a link at its end.
    enum Kind: Sendable, Hashable {
        case missing
        case regular
        case folder
        case symbolicLink
        case other
    }

    static func kind(of path: String) -> Kind { kind(path, lstat) }

    static func kindFollowingLinks(of path: String) -> Kind { kind(path, stat) }

    private static func kind(_ path: String, _ ask: (UnsafePointer<CChar>, UnsafeMutablePointer<stat>) -> Int32) -> Kind
    {
        var status = stat()
        guard ask(path, &status) == 0 else { return errno == ENOENT || errno == ENOTDIR ? .missing : .other }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFDIR: return .folder
        case S_IFLNK: return .symbolicLink
        default: return .other
        }
    }

    /// The bytes at `path`, from a file or a pipe.
    ///
    /// - Parameters:
    ///   - path: the file's path.
    ///   - limit: the most bytes that are accepted.
    ///   - followsLinks: whether a symbolic link at the end of the path is followed, or refused by the system.
    /// - Returns: the bytes.
    /// - Throws: ``InputError`` naming the path.
    static func read(_ path: String, limit: Int, followsLinks: Bool = true) throws(InputError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw InputError("\(path): \(sentence(errno))") }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, name: path, limit: limit)
    }

    /// The bytes of an open descriptor, to its end.
    ///
    /// - Throws: ``InputError`` naming it as `name`.
    static func read(descriptor: Int32, name: String, limit: Int) throws(InputError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw InputError("\(name): \(sentence(errno))")
            }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else {
                throw InputError("\(name): is larger than \(limit) bytes, which is the most that is read")
            }
        }
    }

    private static func sentence(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file or folder"
        case EACCES, EPERM: "may not be read by this user"
        case ELOOP: "is a symbolic link, which is not followed here"
        case EISDIR: "is a folder"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.read(descriptor, bytes, count)
    #elseif canImport(Musl)
        Musl.read(descriptor, bytes, count)
    #else
        Darwin.read(descriptor, bytes, count)
    #endif
}
