// SPDX-License-Identifier: GPL-2.0-or-later
#include "child_process.hpp"

#include "inference/wire/handles_windows.hpp"
#include "inference/wire/protocol.hpp"

#include <array>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace matting {
namespace {

constexpr DWORD last_patience = 5000; // milliseconds, with who was killed

std::system_error system_error(const std::string &what)
{
	return {static_cast<int>(GetLastError()), std::system_category(), what};
}

std::wstring wide(const std::string &text)
{
	const int size = MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
	std::wstring result(size, L'\0');
	MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size);
	return result;
}

/// An open handle that children may inherit.
class Inheritable {
public:
	/// A copy of one that they may not.
	explicit Inheritable(HANDLE handle)
	{
		if (!DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &handle_, 0, TRUE,
				     DUPLICATE_SAME_ACCESS))
			throw system_error("giving the engine its connection");
	}
	~Inheritable() { CloseHandle(handle_); }
	Inheritable(const Inheritable &) = delete;
	Inheritable &operator=(const Inheritable &) = delete;

	HANDLE get() const { return handle_; }

private:
	HANDLE handle_ = nullptr;
};

/// The list of what a child inherits, and nothing else. Borrows the handles.
class HandleList {
public:
	explicit HandleList(std::array<HANDLE, 2> &handles)
	{
		SIZE_T size = 0;
		InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
		memory_.resize(size);
		if (!InitializeProcThreadAttributeList(get(), 1, 0, &size))
			throw system_error("making the list of handles");
		if (!UpdateProcThreadAttribute(get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles.data(),
					       sizeof handles, nullptr, nullptr))
			throw system_error("making the list of handles");
	}
	~HandleList() { DeleteProcThreadAttributeList(get()); }
	HandleList(const HandleList &) = delete;
	HandleList &operator=(const HandleList &) = delete;

	LPPROC_THREAD_ATTRIBUTE_LIST get() { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data()); }

private:
	std::vector<char> memory_;
};

} // namespace

// The reading end first. Neither end waits: who writes more than is read loses it.
static std::pair<HANDLE, HANDLE> output_pipe()
{
	HANDLE reading, writing;
	if (!CreatePipe(&reading, &writing, nullptr, 65536))
		throw system_error("making a pipe");
	DWORD mode = PIPE_NOWAIT;
	SetNamedPipeHandleState(reading, &mode, nullptr, nullptr);
	SetNamedPipeHandleState(writing, &mode, nullptr, nullptr);
	return {reading, writing};
}

// The arguments are ours: none has a quote in it.
ChildProcess::ChildProcess(const std::string &program, const std::vector<std::string> &arguments, int socket)
{
	const auto [reading, writing] = output_pipe();
	std::unique_ptr<void, decltype(&CloseHandle)> reading_owner(reading, CloseHandle),
		writing_owner(writing, CloseHandle);
	const Inheritable connection(handle_of(socket)), output(writing);
	std::array<HANDLE, 2> handles{connection.get(), output.get()};
	HandleList list(handles);
	STARTUPINFOEXW start{};
	start.StartupInfo.cb = sizeof start;
	start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	start.StartupInfo.hStdInput = connection.get(); // where Channel::inherited looks for it
	start.StartupInfo.hStdOutput = start.StartupInfo.hStdError = output.get();
	start.lpAttributeList = list.get();

	std::wstring command = L"\"" + wide(program) + L"\"";
	for (const std::string &argument : arguments)
		command += L" \"" + wide(argument) + L"\"";
	PROCESS_INFORMATION started{};
	if (!CreateProcessW(wide(program).c_str(), command.data(), nullptr, nullptr, /*inherit=*/TRUE,
			    EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW | BELOW_NORMAL_PRIORITY_CLASS, nullptr,
			    nullptr, &start.StartupInfo, &started))
		throw system_error(program);
	CloseHandle(started.hThread);
	id_ = number_of(started.hProcess);
	output_ = number_of(reading_owner.release());
}

ChildProcess::~ChildProcess()
{
	reap();
	CloseHandle(handle_of(output_));
}

std::string ChildProcess::read_output()
{
	std::string output;
	std::array<char, 1024> part;
	DWORD size = 0;
	while (output.size() < 65536 && ReadFile(handle_of(output_), part.data(), part.size(), &size, nullptr) &&
	       size > 0)
		output.append(part.data(), size);
	return output;
}

bool ChildProcess::is_stopped() const
{
	return false;
}

bool ChildProcess::kill()
{
	if (id_ < 0)
		return true;
	const HANDLE process = handle_of(id_);
	TerminateProcess(process, 1);
	if (WaitForSingleObject(process, 0) != WAIT_OBJECT_0)
		return false;
	CloseHandle(process);
	id_ = -1;
	return true;
}

std::optional<std::string> ChildProcess::end()
{
	if (id_ < 0 || WaitForSingleObject(handle_of(id_), 0) != WAIT_OBJECT_0)
		return std::nullopt;
	const HANDLE process = handle_of(id_);
	id_ = -1;
	DWORD status = 0;
	GetExitCodeProcess(process, &status);
	CloseHandle(process);
	return status == 0 ? std::string() : Error::sentence("end.exit", "exit status {}", status);
}

std::string ChildProcess::reap(std::chrono::milliseconds patience)
{
	if (id_ < 0)
		return {};
	const HANDLE process = handle_of(id_);
	id_ = -1;
	if (WaitForSingleObject(process, static_cast<DWORD>(patience.count())) != WAIT_OBJECT_0)
		TerminateProcess(process, 1);
	const bool has_ended = WaitForSingleObject(process, last_patience) == WAIT_OBJECT_0;
	DWORD status = 0;
	GetExitCodeProcess(process, &status);
	CloseHandle(process);
	if (!has_ended)
		return Error::sentence("end.not_killed", "it cannot be killed");
	return Error::sentence("end.exit", "exit status {}", status);
}

} // namespace matting
