// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "sentence.hpp"

#include <concepts>
#include <exception>
#include <stdexcept>

namespace matting {

/// Everything that goes wrong in here for a reason a user can do something about; `what()` is written for that user.
class Error : public std::runtime_error {
public:
	/// Words as `words()` has them, or that are in no other language.
	explicit Error(const std::string &words) : std::runtime_error(in_english(words)), words_(words) {}
	/// The key of the sentence in data/locale, what it is in English, and what its places are filled with.
	template<typename... Arguments>
	Error(const char *key, Pattern<Arguments...> english, const Arguments &...arguments)
		: Error(sentence(key, english, arguments...))
	{
	}

	/// With what is needed to say it in another language: Note [Sentences].
	const std::string &words() const { return words_; }

	/// A sentence that is not thrown, or not yet.
	template<typename... Arguments>
	static std::string sentence(const char *key, Pattern<Arguments...> english, const Arguments &...arguments)
	{
		return Sentences::make(key, english.text, {as_words(arguments)...});
	}

private:
	static std::string as_words(std::integral auto number) { return std::to_string(number); }
	static std::string as_words(const std::string &text) { return text; }
	static std::string as_words(const char *text) { return text; }
	static std::string as_words(const std::exception &error);

	std::string words_;
};

/// What an exception says, as `Error::words` has it.
inline std::string words_of(const std::exception &exception)
{
	const auto *error = dynamic_cast<const Error *>(&exception);
	return error ? error->words() : exception.what();
}

inline std::string Error::as_words(const std::exception &error)
{
	return words_of(error);
}

} // namespace matting
