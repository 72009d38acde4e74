// SPDX-License-Identifier: GPL-2.0-or-later
// What is before the camera: a room, who stands in it, and the shadows that they cast.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bitmap.hpp"
#include "blur.hpp"
#include "camouflage.hpp"
#include "fields.hpp"
#include "picture_store.hpp"
#include "steps.hpp"

namespace matting::training {

struct View {
	int width, height;
	double frame_height;                                 ///< of the whole frame, in pixels of the view
	double pixel() const { return frame_height / 1080; } ///< of an HD frame
};

/// A person or a thing in the view, and how it looks there.
struct LayerPlan {
	LayerPlan(std::shared_ptr<const Sprite> sprite, const View &view, bool is_first, Random &random);

	/// Dense fur, and what bends away from where the lens is sharp: wide, half transparent, and in tufts.
	struct Softness {
		double deviation;
		double strength; // of the tufts
		Noise tufts;
		Patches where;
	};
	/// A lamp or a window on one side.
	struct Lamp {
		Field field;
		double strength;
	};

	std::shared_ptr<const Sprite> sprite;
	Sight sight;
	std::optional<double> crispness;
	std::optional<Lamp> lamp;
	std::optional<Softness> softness;
	std::optional<double> blur; // deviation
	std::optional<Motion> motion;
	Factors colour;
	Camouflage camouflage;
};

/// Of a lamp that the people keep away.
struct ShadowPlan {
	ShadowPlan(const View &view, Random &random);

	int64_t down = 0, right = 0;
	double deviation, depth;
};

/// The light has changed since the plate was taken, and the person throws it back.
struct LightPlan {
	LightPlan() = default;
	explicit LightPlan(Random &random);

	struct Colours { // in steel and paint, too, the person's
		Field field;
		Factors strength;
	};
	/// Steel, glass and varnish throw back what is before them, and that is another now. Here they are all that has about
	/// one brightness: their borders are those of things in the room, not of a person.
	struct Reflections {
		double brightness, width;
		Field field;
		Factors colour;
	};
	struct Shadow { // of somebody who is not in the picture
		Patches where;
		double depth;
	};
	struct Glare {
		Field field;
		double strength;
	};

	std::optional<Colours> colours;
	std::optional<Reflections> reflections;
	std::optional<Shadow> shadow;
	std::optional<Glare> glare;
};

struct ScenePlan {
	ScenePlan(const std::vector<std::shared_ptr<const Sprite>> &sprites, const View &view, Random &random);

	std::vector<LayerPlan> layers;
	std::vector<ShadowPlan> shadows;
	LightPlan light;
};

/// (B, C, H, W) each.
struct Scenes {
	at::Tensor empty_room; ///< as it was when the plate was taken
	at::Tensor room;       ///< now: with shadows, in another light
	at::Tensor foreground; ///< premultiplied
	at::Tensor alpha;
};

/// `rooms`, which it changes: what `draw_room_views` has made.
Scenes compose(const at::Tensor &rooms, const std::vector<ScenePlan> &plans);

} // namespace matting::training
