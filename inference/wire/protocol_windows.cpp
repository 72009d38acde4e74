// SPDX-License-Identifier: GPL-2.0-or-later
// A named pipe in message mode, whose name is good for one connection, which is made at once; memory without a name, whose
// handle the engine duplicates out of the plugin's process.
#include "handles_windows.hpp"
#include "protocol.hpp"

#include <atomic>
#include <cstring>
#include <string>
#include <system_error>

namespace matting {
namespace {

/// What goes over the pipe.
struct Packet {
	Message message;
	int32_t handle = -1; // one of the sender's
};

std::system_error system_error(const char *what)
{
	return {static_cast<int>(GetLastError()), std::system_category(), what};
}

/// One read or write that is under way. The pipe is overlapped: else a thread that reads would block those that write.
class Operation {
public:
	explicit Operation(int pipe) : pipe_(handle_of(pipe))
	{
		overlapped_.hEvent = CreateEventW(nullptr, TRUE, FALSE, nullptr);
	}
	~Operation() { CloseHandle(overlapped_.hEvent); }
	Operation(const Operation &) = delete;
	Operation &operator=(const Operation &) = delete;

	OVERLAPPED *get() { return &overlapped_; }

	/// The bytes moved; one more, if there were more. 0: it failed, or is not done after so many milliseconds and was
	/// cancelled.
	DWORD finish(BOOL has_begun, DWORD milliseconds)
	{
		DWORD size = 0;
		const DWORD error = has_begun ? ERROR_SUCCESS : GetLastError();
		if (error != ERROR_SUCCESS && error != ERROR_IO_PENDING && error != ERROR_MORE_DATA)
			return 0;
		if (WaitForSingleObject(overlapped_.hEvent, milliseconds) != WAIT_OBJECT_0)
			CancelIoEx(pipe_, &overlapped_);
		if (GetOverlappedResult(pipe_, &overlapped_, &size, TRUE))
			return size;
		return GetLastError() == ERROR_MORE_DATA ? size + 1 : 0;
	}

private:
	const HANDLE pipe_;
	OVERLAPPED overlapped_{};
};

uint8_t *map_shared(int handle, size_t size)
{
	void *address = MapViewOfFile(handle_of(handle), FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, size);
	if (!address)
		throw system_error("mapping the frames");
	return static_cast<uint8_t *>(address);
}

// A handle of the plugin's as one of ours; -1 if that cannot be. The plugin, which made the pipe, takes none.
int take_from_plugin(int pipe, int handle)
{
	ULONG plugin = 0;
	if (handle < 0 || !GetNamedPipeServerProcessId(handle_of(pipe), &plugin) || plugin == GetCurrentProcessId())
		return -1;
	const HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, plugin);
	if (!process)
		return -1;
	HANDLE ours = nullptr;
	const BOOL is_done = DuplicateHandle(process, handle_of(handle), GetCurrentProcess(), &ours, 0, FALSE,
					     DUPLICATE_SAME_ACCESS);
	CloseHandle(process);
	return is_done ? number_of(ours) : -1;
}

std::wstring new_pipe_name()
{
	static std::atomic<unsigned> count = 0;
	LARGE_INTEGER time;
	QueryPerformanceCounter(&time);
	return L"\\\\.\\pipe\\background-matting-" + std::to_wstring(GetCurrentProcessId()) + L"-" +
	       std::to_wstring(time.QuadPart) + L"-" + std::to_wstring(++count);
}

} // namespace

const char *const engine_program_name = "background-matting.exe";
const char *const cuda_library_name = "background-matting-cuda.dll";

void close_handle(int handle)
{
	CloseHandle(handle_of(handle));
}

// Committed at once: a page that cannot be had later would be an exception in the middle of OBS.
SharedMemory SharedMemory::create(size_t size)
{
	SharedMemory memory;
	const HANDLE handle =
		CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_COMMIT,
				   static_cast<DWORD>(uint64_t{size} >> 32), static_cast<DWORD>(size), nullptr);
	if (!handle)
		throw system_error("making shared memory");
	memory.handle_ = number_of(handle);
	memory.data_ = map_shared(memory.handle_, size);
	memory.size_ = size;
	memory.touch_pages();
	return memory;
}

// What is mapped of a section cannot shrink; a section that is too small cannot be mapped.
SharedMemory SharedMemory::map(int handle, size_t size)
{
	SharedMemory memory;
	memory.handle_ = handle;
	memory.data_ = map_shared(handle, size);
	memory.size_ = size;
	return memory;
}

SharedMemory::~SharedMemory()
{
	if (data_)
		UnmapViewOfFile(data_);
	if (handle_ >= 0)
		close_handle(handle_);
}

std::pair<int, int> Channel::pair()
{
	constexpr DWORD room = 64 * sizeof(Packet);
	const std::wstring name = new_pipe_name();
	const HANDLE ours = CreateNamedPipeW(
		name.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
		PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS, 1, room, room, 0, nullptr);
	if (ours == INVALID_HANDLE_VALUE)
		throw system_error("making a pipe");
	const HANDLE theirs = CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
					  FILE_FLAG_OVERLAPPED, nullptr);
	DWORD mode = PIPE_READMODE_MESSAGE;
	if (theirs == INVALID_HANDLE_VALUE || !SetNamedPipeHandleState(theirs, &mode, nullptr, nullptr)) {
		const std::system_error error = system_error("connecting a pipe");
		CloseHandle(ours);
		if (theirs != INVALID_HANDLE_VALUE)
			CloseHandle(theirs);
		throw error;
	}
	return {number_of(ours), number_of(theirs)};
}

int Channel::inherited()
{
	return number_of(GetStdHandle(STD_INPUT_HANDLE));
}

static bool transmit(int socket, const Packet &packet, DWORD milliseconds)
{
	Operation writing(socket);
	const BOOL has_begun = WriteFile(handle_of(socket), &packet, sizeof packet, nullptr, writing.get());
	return writing.finish(has_begun, milliseconds) == sizeof packet;
}

bool Channel::send(const Message &message, int handle) const
{
	return transmit(socket_, {message, handle}, 0);
}

bool Channel::answer(const Message &message) const
{
	return transmit(socket_, {message}, INFINITE);
}

std::optional<Channel::Received> Channel::receive() const
{
	Packet packet;
	Operation reading(socket_);
	const BOOL has_begun = ReadFile(handle_of(socket_), &packet, sizeof packet, nullptr, reading.get());
	const DWORD size = reading.finish(has_begun, INFINITE);
	if (size == 0)
		return std::nullopt;
	require_message(packet.message, size == sizeof packet ? sizeof packet.message : size);
	return Received{packet.message, take_from_plugin(socket_, packet.handle)};
}

// Only the plugin, whose pipe it is, does this.
void Channel::shut_down() const
{
	DisconnectNamedPipe(handle_of(socket_));
	CancelIoEx(handle_of(socket_), nullptr);
}

} // namespace matting
