import Foundation

/// Keeps two demos from using one folder at the same time.
struct FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, which ends with the process at the latest.
    ///
    /// - Throws: ``DemoError`` when another demo holds it.
    init(_ folder: DemoFolder) throws {
        try FileManager.default.createDirectory(
            atPath: folder.checkout + "/.build",
            withIntermediateDirectories: true
        )
        descriptor = open(folder.lock, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw DemoError(
                .folderInUse,
                "\(folder.lock) cannot be written: \(String(cString: strerror(errno))). Check its owner."
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw DemoError(
                .folderInUse,
                "Another demo uses \(folder.path). Stop it (Ctrl-C in its terminal) and start again."
            )
        }
    }

    /// Gives the lock back.
    func release() { close(descriptor) }
}
