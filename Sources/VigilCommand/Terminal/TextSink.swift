#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Something that text is written to.
public protocol TextSink: Sendable {
    /// Writes `text` as it is. What cannot be written, because nobody reads any more, is lost.
    func write(_ text: String)
}

/// Writes to a file descriptor that stays open as long as the process.
struct DescriptorSink: TextSink {
    static let standardOutput = DescriptorSink(descriptor: STDOUT_FILENO)
    static let standardError = DescriptorSink(descriptor: STDERR_FILENO)

    let descriptor: Int32

    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EINTR || errno == EAGAIN {
                // A terminal shared with a program that made it non-blocking: wait until it takes more.
                var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&event, 1, 1_000)
            } else {
                return
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
        Musl.write(descriptor, bytes, count)
    #else
        Darwin.write(descriptor, bytes, count)
    #endif
}
