// SPDX-License-Identifier: GPL-2.0-or-later
// How a frame lies over the plate: the camera's movement as a homography, and the light as a gain, found on small grey
// pictures by Gauss-Newton steps that trust what fits (inverse compositional, Baker and Matthews 2004; weights of Geman and
// McClure). People in the picture do not fit, and so have no say.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace matting {

/// Rows of `width` values, 0 to 255.
struct Grey {
	int width = 0, height = 0;
	std::vector<float> values;
};

/// Maps points of one picture to another's. Row-major; the last is 1. Points: x from -1 to 1 over the width, y in the same
/// unit, 0 in the middle.
struct Homography {
	std::array<double, 9> m{1, 0, 0, 0, 1, 0, 0, 0, 1};

	std::array<double, 2> operator()(const std::array<double, 2> &point) const
	{
		const auto [x, y] = point;
		const double depth = m[6] * x + m[7] * y + m[8];
		return {(m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth};
	}
	Homography operator*(const Homography &first) const; ///< this after `first`
	Homography inverse() const;
	/// The longest way of a corner of a picture of that height, in widths.
	double movement(double height_in_widths) const;
};

/// The middle of a pixel of a picture of that size, as a point.
constexpr std::array<double, 2> point_of(int x, int y, int width, int height)
{
	return {(x + 0.5) * 2 / width - 1, (y + 0.5 - 0.5 * height) * 2 / width};
}

inline constexpr double fitting_levels = 10; ///< so near are two pictures of the same thing

struct Alignment {
	Homography frame_of_plate;   ///< from a point of the plate to the frame's
	double gain = 1, offset = 0; ///< frame * gain + offset is the plate
};

/// A plate, prepared for being found in many frames. Thread-safety: constant once made.
class AlignmentTarget {
public:
	explicit AlignmentTarget(Grey plate);

	/// From `begin` on, which is near; or, with `far`, in several sizes of the pictures: up to a tenth of the width away.
	/// `smaller`: room for these, to be kept from call to call.
	Alignment align(const Grey &frame, Alignment begin, bool far, std::vector<Grey> &smaller) const;
	/// Where most of the plate is found by shifting it alone, by up to a quarter of the width: for `align` to begin with, where
	/// what it began with led nowhere. In that light.
	Alignment shifted(const Grey &frame, const Alignment &light, std::vector<Grey> &smaller) const;
	/// The share of the plate's textured points that the frame has, within ten levels; 0 of a plate without any.
	double fit(const Grey &frame, const Alignment &alignment) const;
	/// The same of those whose pixel of the frame is not marked as `hidden`; nothing where there are too few.
	std::optional<double> visible_fit(const Grey &frame, const Alignment &alignment,
					  const std::vector<uint8_t> &hidden) const;
	/// Whether there is enough of a texture for all this.
	bool is_textured() const { return levels_.front().points.size() >= 200; }

private:
	struct Point {
		float x, y, value, gradient_x, gradient_y;
	};
	struct Level { // half the size of the one before
		int width = 0, height = 0;
		std::vector<Point> points;
	};
	struct Count {
		size_t seen = 0, fitting = 0;
	};
	static Level make_level(const Grey &plate);
	template<typename Choice>
	Count count(const Grey &frame, const Alignment &alignment, const Choice &choice) const;
	void halve_all(const Grey &frame, size_t sizes, std::vector<Grey> &smaller) const;
	static double shifted_score(const Level &level, const Grey &frame, const Alignment &light, int across, int down,
				    size_t every);
	static bool step(const Level &level, const Grey &frame, double scale, bool is_projective, Alignment &alignment);

	std::vector<Level> levels_;
};

} // namespace matting
