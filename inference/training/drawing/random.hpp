// SPDX-License-Identifier: GPL-2.0-or-later
// Random numbers that are the same on every machine, which those of <random>'s distributions are not.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace matting::training {

/// SplitMix64. Thread-safety: none; each picture has its own.
class Random {
public:
	/// Streams of one seed have nothing to do with each other.
	explicit Random(uint64_t seed, uint64_t stream = 0) : state_(mixed(seed + mixed(stream + 1))) {}

	uint64_t next() { return mixed(state_ += 0x9e3779b97f4a7c15u); }
	/// From 0 to below 1.
	double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
	double between(double low, double high) { return low + (high - low) * unit(); }
	/// Evenly spread over the logarithm.
	double log_between(double low, double high) { return low * std::exp(unit() * std::log(high / low)); }
	/// Both ends can come.
	int integer(int low, int high)
	{
		return low + static_cast<int>(next() % (static_cast<uint64_t>(high - low) + 1));
	}
	bool chance(double probability) { return unit() < probability; }
	double sign() { return chance(0.5) ? 1 : -1; }
	/// About normal: around 0, standard deviation 1.
	double normal()
	{
		const uint64_t bits = next();
		double sum = 0;
		for (int shift = 0; shift < 64; shift += 16)
			sum += static_cast<double>(bits >> shift & 0xffff);
		return (sum - 131070) / 37837.2;
	}
	/// An index, as often as its weight says.
	int pick(std::initializer_list<double> weights)
	{
		double left = 0;
		for (const double weight : weights)
			left += weight;
		left *= unit();
		int index = 0;
		for (const double weight : weights) {
			if (left < weight)
				return index;
			left -= weight;
			index++;
		}
		return index - 1;
	}

private:
	static uint64_t mixed(uint64_t bits)
	{
		bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
		bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
		return bits ^ bits >> 31;
	}

	uint64_t state_;
};

} // namespace matting::training
