// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cuda_library.hpp"
#include "executor.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace matting {

/// LibTorch has given up while `doing` in these words: what that is of a card. Its errors do not say whether they stay with the
/// process.
[[noreturn]] inline void fail_on_card(int cuda_index, const std::string &doing, std::string words)
{
	constexpr std::string_view cause = "RuntimeError: "; // behind where in the TorchScript it was
	if (const size_t at = words.rfind(cause); at != std::string::npos)
		words.erase(0, at + cause.size());
	const std::string text = doing + ": " + words.substr(0, words.find('\n'));
	if (!cuda_backend().answers(cuda_index))
		throw DeviceLost(text);
	throw DeviceError(text);
}

/// Does what only an executor does, so that what goes wrong on a card is the card's: DeviceError or DeviceLost. `cuda_index`: N of
/// cuda:N; -1: the CPU, of which all is Error. `doing` returns "matting a picture failed".
template<typename Doing, typename Action> void on_device(int cuda_index, const Doing &doing, const Action &action)
{
	const bool is_card = cuda_index >= 0;
	try {
		action();
	} catch (const Error &error) {
		if (!is_card || dynamic_cast<const DeviceLost *>(&error) || dynamic_cast<const ModelError *>(&error))
			throw;
		throw DeviceError(error.words());
	} catch (const c10::Error &error) {
		if (is_card)
			fail_on_card(cuda_index, doing(), error.what_without_backtrace());
		throw Error(doing() + ": " + error.what_without_backtrace());
	} catch (const std::runtime_error &error) { // what TorchScript's interpreter makes of a c10::Error
		if (is_card)
			fail_on_card(cuda_index, doing(), error.what());
		throw;
	}
}

} // namespace matting
