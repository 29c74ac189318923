import Foundation

/// The processes of a run, on disk: a run that was killed outright cannot end its children, but the next one can.
struct ProcessRecord: Sendable {
    let folder: DemoFolder

    /// Notes a process.
    func add(_ process: pid_t) {
        let line = Data("\(process)\n".utf8)
        if let file = FileHandle(forWritingAtPath: folder.processes) {
            _ = try? file.seekToEnd()
            try? file.write(contentsOf: line)
            try? file.close()
        } else {
            try? line.write(to: URL(fileURLWithPath: folder.processes))
        }
    }

    /// Forgets all processes: they have ended.
    func clear() { try? FileManager.default.removeItem(atPath: folder.processes) }

    /// Ends what an earlier run left behind and returns how many that were.
    ///
    /// A number is taken for one of ours only if the process has to do with the demo's folder: numbers are used again.
    func endLeftovers() -> Int {
        defer { clear() }
        let text = (try? String(contentsOfFile: folder.processes, encoding: .utf8)) ?? ""
        let leftovers = text.split(separator: "\n").compactMap { pid_t($0) }.filter(isOurs)
        for process in leftovers { _ = kill(-process, SIGKILL) }
        return leftovers.count
    }

    private func isOurs(_ process: pid_t) -> Bool {
        guard process > 1 else { return false }
        let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
        // A folder that was removed meanwhile has " (deleted)" behind its path.
        if directory == folder.path || directory == folder.path + " (deleted)" { return true }
        let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.contains { $0.hasPrefix(folder.path + "/") }
    }
}
