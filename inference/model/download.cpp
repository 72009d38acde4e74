// SPDX-License-Identifier: GPL-2.0-or-later
#include "download.hpp"

#include "inference/error.hpp"
#include "inference/platform.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#define CURL_DISABLE_DEPRECATION // an older one may be installed than this was built with
#include <curl/curl.h>
#include <fmt/format.h>

namespace matting {
namespace {

constexpr curl_off_t most_bytes = 2'000'000'000;

/// libcurl, loaded when it is needed: OBS brings the one or the other build of it, and the filter's engine needs none.
class Curl {
public:
	Curl()
	{
		for (const char *name : libcurl_names)
			if (!library_)
				library_ = load_library(name);
		if (!library_)
			throw Error("libcurl is not installed: install it (libcurl4), or download the file by other "
				    "means");
		find(easy_init, "curl_easy_init");
		find(easy_setopt, "curl_easy_setopt");
		find(easy_perform, "curl_easy_perform");
		find(easy_strerror, "curl_easy_strerror");
		find(easy_cleanup, "curl_easy_cleanup");
		find(version, "curl_version");
	}

	decltype(&curl_easy_init) easy_init;
	decltype(&::curl_easy_setopt) easy_setopt;
	decltype(&curl_easy_perform) easy_perform;
	decltype(&curl_easy_strerror) easy_strerror;
	decltype(&curl_easy_cleanup) easy_cleanup;
	decltype(&curl_version) version;

private:
	template<typename Function> void find(Function &function, const char *name)
	{
		function = reinterpret_cast<Function>(find_function(library_, name));
		if (!function)
			throw Error(std::string("the installed libcurl has no ") + name + ": install a newer one");
	}

	void *library_ = nullptr; // never closed: it may have threads
};

const Curl &curl()
{
	static const Curl curl;
	return curl;
}

struct Transfer {
	const DownloadProgress &progress;
	bool is_too_large = false, is_unwanted = false;
};

// Not 0: that is the end of it.
int on_progress(void *data, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t)
{
	auto &transfer = *static_cast<Transfer *>(data);
	transfer.is_too_large = std::max(total, now) > most_bytes;
	transfer.is_unwanted = !transfer.progress(now, total);
	return transfer.is_too_large || transfer.is_unwanted;
}

} // namespace

std::string downloader_version()
{
	const std::string text = curl().version(); // and of all that it stands on
	return text.substr(0, text.find(' '));
}

void download(const std::string &url, const std::filesystem::path &path, const DownloadProgress &progress)
{
	const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.string().c_str(), "wb"),
								    std::fclose);
	const std::unique_ptr<CURL, void (*)(CURL *)> handle(curl().easy_init(), curl().easy_cleanup);
	if (!file || !handle)
		throw Error(fmt::format("cannot write {}", path.string()));
	char reason[CURL_ERROR_SIZE] = "";
	Transfer transfer{progress};
	const auto set = [&](CURLoption option, auto value) {
		if (curl().easy_setopt(handle.get(), option, value) != CURLE_OK)
			throw Error("the installed libcurl is too old to download with: install a newer one");
	};
	set(CURLOPT_URL, url.c_str());
	// Bits until 7.85, which is newer than Ubuntu 22.04's; the words have numbers of their own.
	if (curl().easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "https,file") == CURLE_OK) {
		set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
	} else {
		set(CURLOPT_PROTOCOLS, long{CURLPROTO_HTTPS | CURLPROTO_FILE});
		set(CURLOPT_REDIR_PROTOCOLS, long{CURLPROTO_HTTPS});
	}
	set(CURLOPT_FOLLOWLOCATION, 1L);
	set(CURLOPT_FAILONERROR, 1L);
	set(CURLOPT_CONNECTTIMEOUT, 30L);
	set(CURLOPT_LOW_SPEED_LIMIT, 1000L); // bytes a second, for so many seconds
	set(CURLOPT_LOW_SPEED_TIME, 60L);
	set(CURLOPT_ERRORBUFFER, reason);
	set(CURLOPT_WRITEDATA, file.get());
	set(CURLOPT_NOPROGRESS, 0L);
	set(CURLOPT_XFERINFOFUNCTION, &on_progress);
	set(CURLOPT_XFERINFODATA, &transfer);
	const CURLcode result = curl().easy_perform(handle.get());
	if (transfer.is_unwanted)
		throw Error("interrupted: nothing was downloaded");
	if (transfer.is_too_large)
		throw Error(fmt::format("{} is larger than any model: nothing was downloaded", url));
	if (result == CURLE_WRITE_ERROR || (result == CURLE_OK && std::fflush(file.get()) != 0))
		throw Error(fmt::format("cannot write {}: is the disk full?", path.string()));
	if (result != CURLE_OK)
		throw Error(fmt::format("cannot download {}: {}{}", url,
					*reason ? reason : curl().easy_strerror(result),
					url.starts_with("https:") ? "; check the network and try again" : ""));
}

} // namespace matting
